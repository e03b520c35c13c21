import type { Inbound, Reply } from '../channels/channel.ts';
import type { Follower } from '../members/index.ts';
import type { Merchant } from '../merchants/index.ts';
import type { Language, TextName, Texts, TextValues, textPlaceholders } from '../texts/index.ts';
import type { Scene } from './composer.ts';

/** What a scene may know and use. */
export interface SceneContext {
  readonly inbound: Inbound;
  readonly follower: Follower;
  readonly merchant: Merchant;
  readonly reply: Replies;
}

/** Ways to answer, in the language of the follower. */
export interface Replies {
  text<Name extends TextName>(name: Name, ...values: TextValues<typeof textPlaceholders, Name>): Reply;
  none(): Reply;
}

/** A scene of this conversation. */
export function scene(definition: Scene<SceneContext>): Scene<SceneContext> {
  return Object.freeze(definition);
}

/** Replies in this language. */
export function createReplies(texts: Texts, language: Language): Replies {
  return {
    text: (name, ...values) => ({ kind: 'text', text: texts.render(language, name, ...values) }),
    none: () => ({ kind: 'none' }),
  };
}

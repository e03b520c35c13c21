/** What is said, shown and agreed to in a follower's chat: the part of `contract.ts` about phones. */

/** What a follower answers in the dialog that asks whether they want messages: each that is accepted is good for one message. */
export interface SubscriptionAnswers {
  /** A web page or an article of the account, or its mini-program. */
  place: 'account' | 'mini-program';
  /** 1–3. */
  answers: { templateId: string; isAccepted: boolean }[];
}

/** A follower switches a message off in the settings. */
export interface SubscriptionEnd {
  place: 'account' | 'mini-program';
  templateId: string;
}

/** A message that a follower can agree to, and how often it may still come. */
export interface Subscription {
  templateId: string;
  title: string;
  /** Messages left, by where they were agreed to. */
  left: Record<'account' | 'mini-program', number>;
}

export interface FollowerSettings {
  /** Are the account's messages switched off. */
  refusesMessages: boolean;
}

/** The menu below a follower's chat: the newest conditional one that fits them, or the default. */
export interface PhoneMenu {
  /** Absent where the account has no menu. */
  menuId?: number;
  buttons: PhoneButton[];
}

/** A button as the platform keeps it. */
export interface PhoneButton {
  name: string;
  /** `click`, `view`, …; absent on one that opens others. */
  type?: string;
  key?: string;
  url?: string;
  /** A mini program's page. */
  path?: string;
  below: PhoneButton[];
}

/** A QR code of an account by which people come. */
export interface EntryCode {
  ticket: string;
  scene: string;
  /** What the picture says. */
  url: string;
  /** Epoch ms; absent on a permanent one. */
  expiresAt?: number;
}

/** What a follower does in the chat. Places are GCJ-02 degrees. */
export type Speech =
  | { kind: 'text'; text: string }
  | { kind: 'place'; latitude: number; longitude: number; label: string }
  | { kind: 'image'; url: string }
  /** `text` is what speech recognition heard; absent when it is off. */
  | { kind: 'voice'; text?: string }
  | { kind: 'link'; title: string; text: string; url: string }
  /** A tap on a menu button with this key: shows no bubble of its own. */
  | { kind: 'menu'; key: string }
  /** A tap on a menu button that leads to a page, or into a mini program. */
  | { kind: 'menu-page'; url: string; menuId: number }
  | { kind: 'menu-app'; path: string; menuId: number }
  /** What was scanned behind a menu button; `isAwaited`: the chat waits for the account's answer. */
  | { kind: 'menu-scan'; key: string; content: string; isAwaited: boolean }
  /** A picture was chosen, or a place, behind a menu button: the event alone. The message that follows it is a Speech of its own. */
  | { kind: 'menu-picture'; key: string; from: 'camera' | 'camera-or-album' | 'album'; url: string }
  | { kind: 'menu-place'; key: string; latitude: number; longitude: number; label: string }
  /** A follower scans an entry code: shows no bubble of its own. */
  | { kind: 'scan'; entryCode: string }
  /** A tap on an entry of a menu in the chat: shows as the follower's text. */
  | { kind: 'choice'; choiceId: string; text: string };

/** One line of a chat. Ids sort in the order of the chat. A `message` event with a known id replaces that line. */
export interface Message {
  id: string;
  openid: string;
  /** Epoch ms. */
  at: number;
  from: 'follower' | 'account' | 'system';
  content: MessageContent;
  /** The delivery that it began or that it answers; absent on what the account sent of its own accord. */
  deliveryId?: string;
  /** On a follower's own lines: has the server answered within its three tries. */
  delivery?: DeliveryState;
}

/** `answered`: shown or acknowledged; `failed`: the follower saw the outage notice. */
export type DeliveryState = 'sending' | 'answered' | 'failed';

export type MessageContent =
  | Exclude<Speech, { kind: 'menu' | `menu-${string}` | 'scan' | 'choice' }>
  /** A system line about the follower's own step; the page has words for it. */
  | { kind: 'notice'; notice: 'followed' | 'unfollowed' }
  /** A system line in the platform's own wording: the server did not answer, or not well. */
  | { kind: 'outage'; text: string }
  /** Media. `url` is where the page finds the file; absent where the sandbox knows the id alone. */
  | { kind: 'media'; type: 'image' | 'voice' | 'video'; mediaId: string; title?: string; text?: string; url?: string }
  | { kind: 'music'; title: string; text: string; url: string }
  /** The one article that the platform shows. */
  | { kind: 'article'; title: string; text: string; pictureUrl: string; url: string }
  /** Choices that are tapped: each is a Speech of the kind `choice`. */
  | { kind: 'choices'; head: string; choices: { id: string; text: string }[]; tail: string }
  | { kind: 'card'; cardId: string }
  | { kind: 'mini-program'; title: string; appId: string; path: string; pictureUrl?: string }
  /** A template or subscription message: what stands in which field. */
  | { kind: 'form'; title: string; fields: { name: string; text: string }[]; url?: string; path?: string };

import type { Inbound, Reply } from '../channels/channel.ts';
import { fault } from '../kernel/errors.ts';
import type { Trigger } from './triggers.ts';

/** One intent of the conversation. */
export interface Scene<Context> {
  /** Under which it is logged; one scene's alone. */
  readonly name: string;
  /** Any of these brings the scene on. */
  readonly on: readonly Trigger[];
  /** `next` hands on to the next scene whose trigger matches, once, and gives its reply; `none` when there is no other. */
  answer(context: Context & { next: () => Promise<Reply> }): Reply | Promise<Reply>;
}

/** A scene threw: which one, and why (`cause`). */
export class SceneError extends Error {
  override readonly name = 'SceneError';
  readonly scene: string;

  constructor(scene: string, cause: unknown) {
    super(`the scene "${scene}" failed`, { cause });
    this.scene = scene;
  }
}

/**
 * One answer out of many scenes: in order, the first whose trigger matches answers, and may pass on. Nobody's trigger: `none`.
 * Rejects with a SceneError that names the scene which threw. Two scenes of one name, and scenes without triggers, are refused at once.
 */
export function compose<Context extends { inbound: Inbound }>(
  scenes: readonly Scene<Context>[],
): (context: Context) => Promise<Reply> {
  const names = new Set<string>();
  for (const { name, on } of scenes) {
    if (name === '' || names.has(name)) throw fault('config.invalid', `a scene needs a name of its own, not "${name}"`);
    if (on.length === 0) throw fault('config.invalid', `nothing brings on the scene "${name}"`);
    names.add(name);
  }

  async function answerFrom(start: number, context: Context): Promise<Reply> {
    const { content } = context.inbound;
    const index = scenes.findIndex(({ on }, position) => position >= start && on.some((matches) => matches(content)));
    const scene = scenes[index];
    if (!scene) return { kind: 'none' };
    try {
      return await scene.answer({ ...context, next: once(() => answerFrom(index + 1, context)) });
    } catch (error) {
      throw error instanceof SceneError ? error : new SceneError(scene.name, error);
    }
  }

  return (context) => answerFrom(0, context);
}

function once(passOn: () => Promise<Reply>): () => Promise<Reply> {
  let isPassed = false;
  async function pass() {
    if (isPassed) throw new Error('next() was called twice: the scenes that follow would answer, and act, twice');
    isPassed = true;
    return passOn();
  }
  return function next() {
    const passed = pass();
    // A scene that does not wait for it must not bring the process down with an unhandled rejection.
    passed.catch(() => {});
    return passed;
  };
}

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Inbound, Reply } from '../../server/channels/channel.ts';
import { compose, type Scene, SceneError } from '../../server/conversation/composer.ts';
import type { Id } from '../../server/kernel/ids.ts';

type Context = { inbound: Inbound };
type Answer = Scene<Context>['answer'];

const context: Context = {
  inbound: {
    account: { id: 'a' as Id<'account'>, merchantId: 'm' as Id<'merchant'>, channel: 'wechat' },
    openid: 'o',
    sentAt: 0,
    key: 'k',
    content: { kind: 'text', text: 'x' },
    fields: {},
  },
};

const says = (text: string): Reply => ({ kind: 'text', text });
const always = () => true;
const never = () => false;

function scene(name: string, answer: Answer = () => says(name), on = [always]): Scene<Context> {
  return { name, on, answer };
}

test('the first scene whose trigger matches answers, alone', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(fc.boolean(), { minLength: 1, maxLength: 3 }), { maxLength: 6 }), async (table) => {
      const asked: string[] = [];
      const scenes = table.map((triggers, index) =>
        scene(
          `${index}`,
          () => {
            asked.push(`${index}`);
            return says(`${index}`);
          },
          triggers.map((isMatch) => (isMatch ? always : never)),
        ),
      );
      const first = table.findIndex((triggers) => triggers.includes(true));
      expect(await compose(scenes)(context)).toEqual(first < 0 ? { kind: 'none' } : says(`${first}`));
      expect(asked).toEqual(first < 0 ? [] : [`${first}`]);
    }),
  );
});

test('passing on goes to the next match, in order, and its reply comes back', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }), async (matches) => {
      const wrap: (name: string) => Answer = (name) => async (step) => {
        const inner = await step.next();
        return says(`${name}(${inner.kind === 'text' ? inner.text : ''})`);
      };
      const scenes = matches.map((isMatch, index) => scene(`${index}`, wrap(`${index}`), [isMatch ? always : never]));
      const called = matches.flatMap((isMatch, index) => (isMatch ? [index] : []));
      const expected = called.map((index) => `${index}(`).join('') + ')'.repeat(called.length);
      expect(await compose(scenes)(context)).toEqual(called.length > 0 ? says(expected) : { kind: 'none' });
    }),
  );
});

test('passing on to nobody is answered with nothing', async () => {
  const answer = compose([scene('first', ({ next }) => next()), scene('other', undefined, [never])]);
  expect(await answer(context)).toEqual({ kind: 'none' });
});

test('passing on twice is refused, and the scenes that follow act once', async () => {
  let acted = 0;
  const twice = scene('twice', async ({ next }) => {
    await next();
    return next();
  });
  const count = scene('count', () => {
    acted++;
    return says('counted');
  });
  const error = await compose([twice, count])(context).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ scene: 'twice', cause: { message: expect.stringContaining('next() was called twice') } });
  expect(acted).toBe(1);
});

test('each message has a next of its own', async () => {
  const answer = compose([scene('pass', ({ next }) => next()), scene('end')]);
  expect(await Promise.all([answer(context), answer(context), answer(context)])).toEqual([says('end'), says('end'), says('end')]);
});

test.each<[string, Answer]>([
  [
    'at once',
    () => {
      throw new Error('broken');
    },
  ],
  ['later', () => Promise.reject(new Error('broken'))],
])('a scene that throws %s is named, also through the scenes that passed on to it', async (_, broken) => {
  const answer = compose([scene('outer', ({ next }) => next()), scene('inner', broken)]);
  const error = await answer(context).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(SceneError);
  expect(error).toMatchObject({ scene: 'inner', cause: { message: 'broken' } });
});

test('a scene may catch what the scenes behind it throw', async () => {
  const careful = scene('careful', ({ next }) => next().catch(() => says('caught')));
  const broken = scene('broken', () => Promise.reject(new Error('broken')));
  expect(await compose([careful, broken])(context)).toEqual(says('caught'));
});

test('a scene that passes on without waiting does not bring the process down', async () => {
  const careless = scene('careless', ({ next }) => {
    next();
    return says('done');
  });
  const broken = scene('broken', () => Promise.reject(new Error('broken')));
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => unhandled.push(reason);
  process.on('unhandledRejection', note);
  try {
    expect(await compose([careless, broken])(context)).toEqual(says('done'));
    // Node tells of unhandled rejections before the next turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
    expect(unhandled).toEqual([]);
  } finally {
    process.off('unhandledRejection', note);
  }
});

test('scenes that share a name, have none, or that nothing brings on are refused before any message comes', () => {
  expect(() => compose([scene('a'), scene('a')])).toThrow('"a"');
  expect(() => compose([scene('')])).toThrow('a name of its own');
  expect(() => compose([scene('a', undefined, [])])).toThrow('nothing brings on the scene "a"');
});

/** Is this what a field of the key's type may hold (wechat.md §8.3); keys without a type hold anything. */
export function isAllowed(key: string, value: string): boolean {
  const type = /^([a-z_]+?)\d+$/.exec(key)?.[1];
  const test = type === undefined ? undefined : tests.get(type);
  return test === undefined || (!controls.test(value) && test(value));
}

/** Does the key have a type, so that its field must be there and not be empty. */
export function isTyped(key: string): boolean {
  return tests.has(/^([a-z_]+?)\d+$/.exec(key)?.[1] ?? '');
}

/** Control characters and line breaks. */
const controls = /\p{Cc}/u;
const clock = String.raw`([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d)?`;
const day = String.raw`\d{4}([-/.]\d{1,2}[-/.]\d{1,2}|年\d{1,2}月\d{1,2}日)`;
const moment = `(${day}( ?${clock})?|${clock})`;
const dated = `${day}( ?${clock})?`;

const matches = (pattern: string) => {
  const whole = new RegExp(`^(?:${pattern})$`, 'u');
  return (value: string) => whole.test(value);
};
const upTo = (most: number) => (value: string) => [...value].length <= most;

const tests: ReadonlyMap<string, (value: string) => boolean> = new Map([
  ['thing', upTo(20)],
  ['const', upTo(20)],
  ['number', matches(String.raw`(?=.{1,32}$)-?\d+(\.\d+)?`)],
  ['letter', matches('[A-Za-z]{1,32}')],
  ['symbol', matches(String.raw`[\p{P}\p{S}]{1,5}`)],
  ['character_string', matches(String.raw`[\x20-\x7e]{1,32}`)],
  ['time', matches(`${moment}(~${moment})?`)],
  ['date', matches(`${dated}(~${dated})?`)],
  ['amount', matches(String.raw`\p{Sc}?\d{1,10}(\.\d+)?元?`)],
  ['phone_number', matches(String.raw`[\d\p{P}\p{S} ]{1,17}`)],
  ['car_number', matches(String.raw`\p{Script=Han}?[A-Za-z0-9·]{1,7}\p{Script=Han}?`)],
  ['name', (value) => upTo(/\p{Script=Han}/u.test(value) ? 10 : 20)(value) && !/\d/.test(value)],
  ['phrase', matches(String.raw`\p{Script=Han}{1,5}`)],
  ['enum', upTo(20)],
  ['enum_string', upTo(20)],
]);

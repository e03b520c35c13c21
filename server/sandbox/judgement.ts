import { Fault } from '../kernel/errors.ts';
import { createEnvelopeKey, openEnvelope } from '../wire/envelope.ts';
import { isSignatureOf } from '../wire/signature.ts';
import type { SandboxAccount } from './accounts.ts';
import type { Check, MessageContent, RuleCode } from './contract.ts';
import { largestAnswer, type Outcome } from './exchange.ts';
import type { CallbackFault } from './faults.ts';
import { type ReplyXml, readReply, replyReaders, textAt } from './replies.ts';

/** What the platform makes of an outcome, and how it came to that. */
export interface Judgement {
  readonly rule: RuleCode;
  /** In order, up to the first that failed. */
  readonly checks: readonly Check[];
  /** What went wrong by choice. */
  readonly fault?: CallbackFault;
  /** What is wrong in plain English. */
  readonly why?: string;
  /** The reply's XML once opened. */
  readonly decoded?: string;
  /** What the follower sees of it. */
  readonly content?: MessageContent;
}

type Found = Pick<Judgement, 'rule' | 'content'>;

/** Judges what came back for a message of this follower. */
export function judgeReply(outcome: ArrivedOutcome, account: SandboxAccount, openid: string): Promise<Judgement> {
  return judge(async (protocol) => {
    const text = readBody(outcome, protocol);
    if (text === '') return { rule: 'empty' };
    if (text === 'success') return { rule: 'success' };
    const reply = await openReply(text, account, protocol);
    if (textAt(reply, 'ToUserName') !== openid || textAt(reply, 'FromUserName') !== account.originalId) {
      return protocol.fail('receiver', 'wrong-receiver', 'ToUserName and FromUserName must be those of the message, swapped.');
    }
    protocol.pass('receiver');
    return readContent(reply, protocol);
  });
}

/** Judges what came back for an address check: the echostr itself, and nothing else. */
export function judgeEcho(outcome: ArrivedOutcome, echo: string): Promise<Judgement> {
  return judge(async (protocol) => {
    if (readBody(outcome, protocol) !== echo) {
      return protocol.fail('echo', 'address-not-echoed', 'The answer is not the echostr as it was sent.');
    }
    protocol.pass('echo');
    return { rule: 'address-echoed' };
  });
}

/** An outcome of which there is something to judge. */
export type ArrivedOutcome = Exclude<Outcome, { kind: 'stopped' }>;

/** What was found so far. */
interface Protocol {
  decoded?: string;
  pass(name: Check['name']): void;
  /** Ends the judgement with this rule. */
  fail(name: Check['name'], rule: RuleCode, why: string): never;
}

class Refusal extends Error {
  readonly rule: RuleCode;

  constructor(rule: RuleCode, why: string) {
    super(why);
    this.rule = rule;
  }
}

async function judge(steps: (protocol: Protocol) => Promise<Found>): Promise<Judgement> {
  const checks: Check[] = [];
  const protocol: Protocol = {
    pass(name) {
      checks.push({ name, passed: true });
    },
    fail(name, rule, why) {
      checks.push({ name, passed: false });
      throw new Refusal(rule, why);
    },
  };
  const found = await steps(protocol).catch((error: unknown) => {
    if (error instanceof Refusal) return { rule: error.rule, why: error.message };
    throw error;
  });
  return { ...found, checks, ...(protocol.decoded !== undefined && { decoded: protocol.decoded }) };
}

/** The text of an answer that came in time, with the status 200 and of a size that is read. */
function readBody(outcome: ArrivedOutcome, protocol: Protocol): string {
  if (outcome.kind === 'late') return protocol.fail('in-time', 'late', 'No whole answer came within 5 s.');
  if (outcome.kind === 'unreachable') return protocol.fail('in-time', 'unreachable', `No answer came: ${outcome.why}.`);
  protocol.pass('in-time');
  if (outcome.status !== 200) return protocol.fail('status', 'wrong-status', `The status is ${outcome.status}, not 200.`);
  protocol.pass('status');
  if (outcome.kind === 'too-large')
    return protocol.fail('size', 'too-large', `The answer is longer than ${largestAnswer} bytes.`);
  protocol.pass('size');
  const text = decodeUtf8(outcome.body);
  return text ?? protocol.fail('xml', 'not-xml', 'The answer is not UTF-8.');
}

/** The reply's elements, opened as far as the account's mode wants it: compatible mode takes a plain reply too (wechat.md §2). */
async function openReply(text: string, account: SandboxAccount, protocol: Protocol): Promise<ReplyXml> {
  const outer = await readXml(text, protocol);
  const encrypted = account.mode === 'plain' ? undefined : textAt(outer, 'Encrypt');
  if (encrypted === undefined) {
    if (account.mode === 'safe') {
      return protocol.fail('xml', 'not-encrypted', 'A reply to a message in safe mode must be encrypted: it has no Encrypt.');
    }
    protocol.pass('xml');
    protocol.decoded = text;
    return outer;
  }
  protocol.pass('xml');
  checkSignature(outer, encrypted, account, protocol);
  protocol.decoded = decrypt(encrypted, account, protocol);
  return readXml(protocol.decoded, protocol);
}

async function readXml(text: string, protocol: Protocol): Promise<ReplyXml> {
  const document = await readReply(text);
  return (
    document ?? protocol.fail('xml', 'not-xml', 'The answer is neither "success", nor empty, nor a document with the root <xml>.')
  );
}

/** The reply's signature covers its own TimeStamp and Nonce, not those of the request. */
function checkSignature(outer: ReplyXml, encrypted: string, { token }: SandboxAccount, protocol: Protocol): void {
  const [given, timestamp, nonce] = ['MsgSignature', 'TimeStamp', 'Nonce'].map((name) => textAt(outer, name));
  if (given === undefined || timestamp === undefined || nonce === undefined) {
    protocol.fail('signature', 'wrong-signature', 'An encrypted reply has a MsgSignature, a TimeStamp and a Nonce, one of each.');
  }
  if (!isSignatureOf(given, [token, timestamp, nonce, encrypted])) {
    protocol.fail('signature', 'wrong-signature', 'MsgSignature is not the signature of token, TimeStamp, Nonce and Encrypt.');
  }
  protocol.pass('signature');
}

function decrypt(encrypted: string, account: SandboxAccount, protocol: Protocol): string {
  try {
    const { text } = openEnvelope(encrypted, [createEnvelopeKey(account.encodingAesKey)], account.appId);
    protocol.pass('decrypt');
    protocol.pass('app-id');
    return text;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return protocol.fail(
      'decrypt',
      'undecipherable',
      'Encrypt cannot be opened with the EncodingAESKey and the app id of the account.',
    );
  }
}

function readContent(reply: ReplyXml, protocol: Protocol): Found {
  if (!/^\d+$/.test(textAt(reply, 'CreateTime') ?? '')) {
    return protocol.fail('type', 'missing-field', 'CreateTime is not a whole number of seconds.');
  }
  const type = textAt(reply, 'MsgType');
  if (type === undefined) return protocol.fail('type', 'missing-field', 'The reply has no MsgType, or not exactly one.');
  const reading = replyReaders.get(type)?.(reply);
  if (!reading) return protocol.fail('type', 'unknown-type', `No reply has the MsgType "${type}".`);
  if ('why' in reading) return protocol.fail('type', reading.rule, reading.why);
  protocol.pass('type');
  return 'content' in reading ? { rule: 'reply-shown', content: reading.content } : { rule: reading.rule };
}

/** The text of these bytes, a byte order mark included, since the platform takes offence at one; undefined when they are not UTF-8. */
function decodeUtf8(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

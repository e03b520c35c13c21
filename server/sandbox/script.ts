import type Router from '@koa/router';
import type { Context } from 'koa';
import { fault } from '../kernel/errors.ts';
import { readJson } from '../kernel/json-body.ts';
import type { Random } from '../kernel/random.ts';
import type { SandboxAccount } from './accounts.ts';
import type { CallTable } from './call-table.ts';
import { addLoginCode } from './calls/login.ts';
import type { LoginRecords } from './calls/login-records.ts';
import type { PeopleRecords } from './calls/people-records.ts';
import { tokenQuotas } from './calls/tokens.ts';
import type { Account, Follower } from './contract.ts';
import type { Events } from './events.ts';
import { type FaultPlan, type Faults, faultPlanSchema } from './faults.ts';
import { oneOffGrant } from './grant-records.ts';
import type { OutcomeRecords } from './outcome-records.ts';
import type { Owner } from './owner.ts';
import { openidOf } from './phone-routes.ts';
import { followerOf, newFollower, refuseUnknown } from './platform.ts';
import type { Quotas } from './quotas.ts';
import type { FollowerRecord, Records } from './records.ts';
import type { SandboxClock } from './sandbox-clock.ts';
import type { FaultState, PersonState, SandboxTime, ScriptState } from './script-contract.ts';
import * as schemas from './script-schemas.ts';
import type { SettingsRecords } from './settings-records.ts';
import { parse } from './speech.ts';
import type { Tokens } from './tokens.ts';

export interface ScriptParts {
  records: Records;
  people: PeopleRecords;
  logins: LoginRecords;
  settings: SettingsRecords;
  owner: Owner;
  tokens: Tokens;
  quotas: Quotas;
  outcomes: OutcomeRecords;
  faults: Faults;
  events: Events;
  table: CallTable;
  clock: SandboxClock;
  random: Random;
}

const largestBody = 64 * 1024;
/** Ten thousand people, each with everything said. */
const largestPeople = 8 * 1024 * 1024;

/** What `script-contract.ts` describes: any state, set at once. */
export function scriptRoutes(router: Router, parts: ScriptParts): void {
  worldRoutes(router, parts);
  accountRoutes(router, parts);
  personRoutes(router, parts);
}

function worldRoutes(router: Router, { settings, faults, events, clock }: ScriptParts): void {
  const time = (): SandboxTime => ({ now: clock.now(), ahead: clock.ahead() });
  const faultState = (): FaultState => {
    const { calls, callbacks } = faults.struck();
    return { plan: faults.plan(), struck: { calls: [...calls], callbacks: [...callbacks] } };
  };

  router.get('/script', (ctx) => {
    ctx.body = { clock: time(), faults: faultState() } satisfies ScriptState;
  });

  router.post('/script/clock', async (ctx) => {
    const push = parse(schemas.clockSchema, await readJson(ctx.req, largestBody), 'push');
    if ('forward' in push) clock.push(push.forward);
    else clock.pullBack();
    await settings.keep('clock', { ahead: clock.ahead() });
    readAnew(events);
    ctx.body = time();
  });

  router.put('/script/faults', async (ctx) => {
    const plan: FaultPlan = parse(faultPlanSchema, await readJson(ctx.req, largestBody), 'plan of faults');
    faults.set(plan);
    await settings.keep('faults', plan);
    ctx.body = faultState();
  });
}

function accountRoutes(
  router: Router,
  { records, people, owner, tokens, quotas, outcomes, events, table, clock, random }: ScriptParts,
): void {
  async function accountOf(ctx: Context & { params?: Record<string, string | undefined> }): Promise<SandboxAccount> {
    const account = await records.findAccount(ctx.params?.appId ?? '');
    if (!account) throw fault('request.not-found', 'The sandbox has no such account.');
    return account;
  }

  router.patch('/script/accounts/:appId', async (ctx) => {
    const traits = parse(schemas.traitsSchema, await readJson(ctx.req, largestBody), 'account');
    const { appId } = await accountOf(ctx);
    ctx.body = (await owner.changeTraits(appId, traits)) satisfies Account;
  });

  router.put('/script/accounts/:appId/quotas', async (ctx) => {
    const { call, used } = parse(schemas.quotaSchema, await readJson(ctx.req, largestBody), 'quota');
    const { appId } = await accountOf(ctx);
    if (table.get(call)?.opens !== 'token' && !tokenQuotas.has(call))
      throw fault('request.refused', `No call that is counted has the path "${call}".`);
    await quotas.set(appId, call, used);
    ctx.status = 204;
  });

  router.put('/script/accounts/:appId/outcomes', async (ctx) => {
    const wanted = parse(schemas.outcomesSchema, await readJson(ctx.req, largestBody), 'outcomes');
    await outcomes.set((await accountOf(ctx)).appId, wanted);
    ctx.status = 204;
  });

  router.post('/script/accounts/:appId/tokens/end', async (ctx) => {
    parse(schemas.emptySchema, await readJson(ctx.req, largestBody), 'request');
    await tokens.end((await accountOf(ctx)).appId);
    ctx.status = 204;
  });

  router.post('/script/accounts/:appId/followers', async (ctx) => {
    const { followers } = parse(schemas.newPeopleSchema, await readJson(ctx.req, largestPeople), 'list of followers');
    const { appId } = await accountOf(ctx);
    const now = clock.now();
    const made = followers.map(({ openid, name, ...state }, place): FollowerRecord => {
      const person = newFollower(appId, name ?? `顾客 ${place + 1}`, now + place, random);
      return { ...person, ...(openid !== undefined && { _id: openid }), ...changeOf(state, now) };
    });
    if (!(await people.add(made))) throw fault('request.refused', 'Somebody has one of these openids already.');
    readAnew(events);
    ctx.status = 201;
    ctx.body = { openids: made.map(({ _id }) => _id) };
  });
}

function personRoutes(router: Router, { records, people, logins, events, clock, random }: ScriptParts): void {
  const personOf = async (ctx: Context) => (await records.findFollower(openidOf(ctx))) ?? refuseUnknown(openidOf(ctx));

  router.patch('/script/followers/:openid', async (ctx) => {
    const state = parse(schemas.personSchema, await readJson(ctx.req, largestBody), 'person');
    const person = await personOf(ctx);
    const change = changeOf(state, clock.now());
    await people.change(person.appId, [person._id], change);
    const changed: Follower = followerOf({ ...person, ...change });
    events.publish('follower', changed);
    ctx.body = changed;
  });

  router.put('/script/followers/:openid/window', async (ctx) => {
    const { messages, lasts } = parse(schemas.windowSchema, await readJson(ctx.req, largestBody), 'window');
    const { _id: openid } = await personOf(ctx);
    const now = clock.now();
    await records.windows.set(openid, { left: messages, endsAt: now + lasts, actedAt: now });
    ctx.status = 204;
  });

  router.put('/script/followers/:openid/grants', async (ctx) => {
    const { place, templateId, scene, messages } = parse(schemas.grantSchema, await readJson(ctx.req, largestBody), 'grant');
    const { _id: openid } = await personOf(ctx);
    const granted = place === 'one-off' ? oneOffGrant(openid, templateId, scene ?? 0) : { openid, place, templateId };
    await records.grants.set(granted, messages);
    ctx.status = 204;
  });

  router.post('/script/followers/:openid/codes', async (ctx) => {
    const { kind, scope = 'snsapi_base' } = parse(schemas.loginCodeSchema, await readJson(ctx.req, largestBody), 'code');
    const { appId, _id: openid } = await personOf(ctx);
    const wanted = { appId, openid, kind, ...(kind === 'oauth' && { scope }) };
    ctx.status = 201;
    ctx.body = { code: await addLoginCode(logins, wanted, { now: clock.now(), random }) };
  });
}

/** What changes of the person; who begins to follow or leaves does so now unless another time is said. */
function changeOf(state: PersonState, now: number): Partial<FollowerRecord> {
  const said = Object.fromEntries(Object.entries(state).filter(([, value]) => value !== undefined)) as Partial<FollowerRecord>;
  if (said.isFollowing === undefined) return said;
  const { isFollowing, followedAt = now, unfollowedAt = now } = said;
  return isFollowing ? { ...said, followedAt, changedAt: followedAt } : { ...said, unfollowedAt, changedAt: unfollowedAt };
}

/** Pages read everything anew: more has changed than could be told one by one. */
function readAnew(events: Events): void {
  events.publish('reset', { cursor: events.cursor() });
}

import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { describeApi, type OpenApiDocument } from '../../server/api/openapi.ts';
import { exampleOf } from '../../server/api/reference-schema.ts';
import { summaries } from '../../server/api/reference-summaries.ts';
import { roomNames } from '../../server/api/reference-texts.ts';
import { route } from '../../server/api/route.ts';
import { titles } from '../../server/api/titles.ts';
import { systemClock } from '../../server/kernel/clock.ts';
import { createSecret, signBody } from '../../server/webhooks/signature.ts';
import { type AppStory, startApp } from '../support/app.ts';
import { type Callable, misfits, operationsOf, readDocument } from '../support/operations.ts';

describe('the document', () => {
  let story: AppStory;
  let document: OpenApiDocument;
  let operations: Callable[];
  beforeAll(async () => {
    story = await startApp();
    document = await readDocument(story.url);
    operations = operationsOf(document);
  });
  afterAll(() => story.close());

  it('is valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    expect(await validator.validate(structuredClone(document) as never)).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
  });

  it('names each operation once, with how it may be refused', () => {
    expect(operations.length).toBeGreaterThan(30);
    const names = operations.map(({ operation }) => operation.operationId);
    expect(new Set(names).size).toBe(names.length);
    for (const { name, operation, method } of operations) {
      const statuses = Object.keys(operation.responses);
      expect(statuses, name).toEqual(expect.arrayContaining(['401', '429', '503']));
      if (operation.requestBody) expect(statuses, name).toEqual(expect.arrayContaining(['400', '413', '415', '422']));
      if (operation.parameters.some((one) => one.name === 'If-Match'))
        expect(statuses, name).toEqual(expect.arrayContaining(['412', '428']));
      if (method !== 'GET') expect(statuses, name).toContain('403');
    }
  });

  it('has an example for every body, which its schema takes', () => {
    const wrong = operations.flatMap(({ name, body, schemas }) =>
      body ? misfits(body, schemas, exampleOf(body, schemas)).map((misfit) => `${name} ${misfit}`) : [],
    );
    expect(wrong).toEqual([]);
  });

  it('has every operation and every room in Chinese, too, and no words for what is gone', () => {
    const names = operations.map(({ name }) => name);
    expect(names.filter((name) => !summaries[name])).toEqual([]);
    expect(Object.keys(summaries).filter((name) => !names.includes(name))).toEqual([]);
    const rooms = [...new Set(operations.map(({ operation }) => operation.tags[0] ?? ''))];
    expect(rooms.filter((room) => !roomNames[room])).toEqual([]);
    expect(Object.keys(roomNames).filter((room) => !rooms.includes(room))).toEqual([]);
  });

  it('is read as a page in both languages, each operation and problem with an address of its own', async () => {
    for (const language of ['zh', 'en']) {
      const response = await fetch(`${story.url}/api/`, { headers: { 'Accept-Language': language } });
      expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
      const page = await response.text();
      for (const { operation, name } of operations) expect(page, name).toContain(`id="${operation.operationId}"`);
      for (const code of Object.keys(titles)) expect(page).toContain(`<tr id="${code}">`);
      expect(page).toContain(`<html lang="${language === 'zh' ? 'zh-CN' : 'en'}">`);
      expect(page).toContain('{ after: integer } | { since: integer }');
      expect(page).not.toContain('<script');
      expect(page).not.toMatch(/undefined|\[object|NaN/);
    }
    const wished = await (await fetch(`${story.url}/api/?language=en`, { headers: { 'Accept-Language': 'zh' } })).text();
    expect(wished).toContain('How to use it');
  });

  it('shows a receiver that takes what we sign, and nothing that was changed or is old', async () => {
    const page = await (await fetch(`${story.url}/api/?language=en`)).text();
    const shown = /<code>(import \{ createHmac[\s\S]*?)<\/code>/.exec(page)?.[1] ?? '';
    const source = `${shown.replaceAll('&gt;', '>').replaceAll('&lt;', '<').replaceAll('&amp;', '&')}\nexport { isOurs };`;
    type IsOurs = (headers: Readonly<Record<string, string>>, body: string, secret: string) => boolean;
    const { isOurs } = (await import(`data:text/javascript,${encodeURIComponent(source)}`)) as { isOurs: IsOurs };
    const [secret, other] = [createSecret(), createSecret()];
    const now = systemClock.now();
    const signed = { ...signBody([other, secret], 'event-1', now, '{"a":1}') };
    expect(isOurs(signed, '{"a":1}', secret)).toBe(true);
    expect(isOurs(signed, '{"a":2}', secret)).toBe(false);
    expect(isOurs(signed, '{"a":1}', createSecret())).toBe(false);
    expect(isOurs({ ...signed, 'webhook-id': 'event-2' }, '{"a":1}', secret)).toBe(false);
    expect(isOurs({ ...signBody([secret], 'event-1', now - 400_000, '{"a":1}') }, '{"a":1}', secret)).toBe(false);
  });

  it('is where problems and the shorter address lead to', async () => {
    for (const [path, place] of [
      ['/api', '/api/'],
      ['/api/v1/problems/request.stale', '/api/'],
    ]) {
      const response = await fetch(story.url + path);
      expect([response.status, new URL(response.url).pathname]).toEqual([200, place]);
    }
    for (const code of ['request.unknown', '__proto__', '', '..%2f']) {
      expect((await fetch(`${story.url}/api/v1/problems/${code}`)).status, code).toBe(404);
    }
  });

  it('is not sent again to who has it, and is only read', async () => {
    const first = await fetch(`${story.url}/api/openapi.json`);
    // Without a Cache-Control of its own fetch asks for a new copy.
    const headers = { 'If-None-Match': first.headers.get('etag') ?? '', 'Cache-Control': 'max-age=0' };
    expect((await fetch(`${story.url}/api/openapi.json`, { headers })).status).toBe(304);
    expect((await fetch(`${story.url}/api/`, { headers })).status).toBe(200);
    const put = await fetch(`${story.url}/api/openapi.json`, { method: 'PUT' });
    expect([put.status, put.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });
});

describe('a row', () => {
  const row = { method: 'GET', summary: 'A thing.', allow: 'staff', answers: { 200: { says: 'It.' } } } as const;
  const handle = async () => ({ status: 200 as const });

  it('whose path and schema name other parameters describes nothing', () => {
    const wrong = route({ ...row, path: '/things/{thingId}', params: z.object({ id: z.string() }), handle });
    expect(() => describeApi([wrong])).toThrow('GET /things/{thingId} has other parameters than its schema');
    expect(() => describeApi([route({ ...row, path: '/things/{thingId}', handle })])).toThrow('other parameters');
  });

  it('whose schema has the id of another schema describes nothing', () => {
    const one = z.object({ a: z.string() }).meta({ id: 'OpenApiTestThing' });
    const document = describeApi([
      route({ ...row, path: '/a', answers: { 200: { says: 'It.', schema: z.object({ one }) } }, handle }),
    ]);
    expect(document.components.schemas.OpenApiTestThing).toMatchObject({ type: 'object', required: ['a'] });
    const clash = route({ ...row, path: '/b', answers: { 200: { says: 'It.', schema: one } }, handle });
    const input = z.object({ a: z.string().transform(Number) }).meta({ id: 'OpenApiTestShape' });
    expect(() => describeApi([clash])).not.toThrow();
    const both = route({
      ...row,
      method: 'POST',
      path: '/c',
      body: input,
      answers: { 200: { says: 'It.', schema: input } },
      handle,
    });
    expect(() => describeApi([both])).toThrow('Two schemas have the id OpenApiTestShape');
  });
});

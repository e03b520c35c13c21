import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonSchema } from '../../server/api/openapi.ts';
import { type AppStory, startApp } from '../support/app.ts';
import { operationsOf, readDocument } from '../support/operations.ts';

/** Which type of the contract each operation answers with, or, behind `[]`, each item of its list. */
const answers: Readonly<Record<string, string>> = {
  'GET /session': 'SignedIn',
  'GET /session/all': 'Session[]',
  'GET /door': 'Door',
  'POST /links/look': 'LinkLook',
  'GET /merchant': 'Merchant',
  'GET /staff/{staffId}': 'StaffMember',
  'GET /links': 'Link[]',
  'POST /links': 'MadeLink',
  'GET /keys': 'ApiKey[]',
  'POST /keys': 'MadeKey',
  'GET /accounts': 'Account[]',
  'GET /accounts/{accountId}': 'AccountDetail',
  'GET /accounts/{accountId}/keys': 'AccountKeys',
  'POST /accounts/{accountId}/checks': 'Check',
  'GET /audit': 'AuditEntry[]',
  'GET /members/{memberId}': 'Member',
  'GET /erasures': 'Receipt[]',
  'GET /events': 'MemberEvent[]',
  'GET /webhooks/{webhookId}': 'Webhook',
  'POST /webhooks': 'MadeWebhook',
  'GET /webhooks/{webhookId}/deliveries': 'Delivery[]',
  'POST /webhooks/{webhookId}/test': 'TestedWebhook',
};

describe('the contract that the pages are written against', () => {
  let story: AppStory;
  beforeAll(async () => {
    story = await startApp();
  });
  afterAll(() => story.close());

  it('says nothing of an answer that the routes do not', async () => {
    const contract = readContract();
    const operations = operationsOf(await readDocument(story.url));
    const faults = Object.entries(answers).flatMap(([name, answer]) => {
      const found = operations.find((one) => one.name === name);
      const responses = found?.operation.responses ?? {};
      const schema = (responses['200'] ?? responses['201'])?.content?.['application/json']?.schema;
      if (!found || !schema) return [`${name} is not answered with JSON`];
      const whole = resolve(schema, found.schemas);
      const part = answer.endsWith('[]') ? itemOf(propertyOf(whole, 'items')) : whole;
      return part ? contract.compare(answer.replace('[]', ''), part, found.schemas, name) : [`${name} gives no list`];
    });
    expect(faults).toEqual([]);
  });
});

type Schemas = Readonly<Record<string, JsonSchema>>;

/** The contract's types, to be held against schemas. */
function readContract() {
  const file = join(import.meta.dirname, '../../server/api/contract.ts');
  const options = { strict: true, exactOptionalPropertyTypes: true, allowImportingTsExtensions: true, noEmit: true };
  const program = ts.createProgram([file], { ...options, target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.NodeNext });
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  const module = source && checker.getSymbolAtLocation(source);
  if (!module) throw new Error('the contract cannot be read');
  const named = new Map(checker.getExportsOfModule(module).map((symbol) => [symbol.name, symbol]));

  function compareObject(type: ts.Type, schema: JsonSchema, schemas: Schemas, path: string): string[] {
    return checker.getPropertiesOfType(type).flatMap((property) => {
      const at = `${path}.${property.name}`;
      const isOptional = (property.flags & ts.SymbolFlags.Optional) !== 0;
      const held = propertyOf(schema, property.name);
      if (!held) return [`${at} is not answered`];
      if (!isOptional && schema.properties && !schema.required?.includes(property.name)) return [`${at} may be missing`];
      return compare(checker.getNonNullableType(checker.getTypeOfSymbol(property)), held, schemas, at);
    });
  }

  function compareItems(type: ts.Type, item: JsonSchema | undefined, schemas: Schemas, path: string): string[] {
    return item ? compare(type, item, schemas, `${path}[]`) : [`${path} is no list`];
  }

  function compare(type: ts.Type, given: JsonSchema, schemas: Schemas, path: string): string[] {
    const schema = resolve(given, schemas);
    const choices = schema.anyOf ?? schema.oneOf;
    const words = wordsOf(type);
    if (words) return sameWords(words, schema) ? [] : [`${path} is one of ${JSON.stringify(schema.enum ?? schema.const)}`];
    if (type.isUnion()) return choices?.length === type.types.length ? [] : [`${path} is another choice`];
    const item = checker.getIndexTypeOfType(type, ts.IndexKind.Number);
    if (item && !(type.flags & ts.TypeFlags.StringLike)) return compareItems(item, itemOf(schema), schemas, path);
    if (type.flags & ts.TypeFlags.String) return schema.type === 'string' ? [] : [`${path} is no text`];
    if (type.flags & ts.TypeFlags.Number) return /^(integer|number)$/.test(String(schema.type)) ? [] : [`${path} is no number`];
    if (checker.getIndexTypeOfType(type, ts.IndexKind.String)) return schema.type === 'object' ? [] : [`${path} is no table`];
    return schema.type === 'object' ? compareObject(type, schema, schemas, path) : [`${path} is no object`];
  }

  return {
    compare(name: string, schema: JsonSchema, schemas: Schemas, path: string): string[] {
      const symbol = named.get(name);
      return symbol ? compare(checker.getDeclaredTypeOfSymbol(symbol), schema, schemas, path) : [`there is no type ${name}`];
    },
  };
}

/** The literals that a type allows, if it is made of literals alone. */
function wordsOf(type: ts.Type): unknown[] | undefined {
  if (type.flags & ts.TypeFlags.Boolean) return ['boolean'];
  const parts = type.isUnion() ? type.types : [type];
  return parts.every((part) => part.flags & (ts.TypeFlags.StringLiteral | ts.TypeFlags.BooleanLiteral))
    ? parts.map((part) => (part.isStringLiteral() ? part.value : 'boolean'))
    : undefined;
}

function sameWords(words: readonly unknown[], schema: JsonSchema): boolean {
  if (words[0] === 'boolean') return schema.type === 'boolean' || schema.const === true;
  const held = schema.enum ?? (schema.const === undefined ? [] : [schema.const]);
  return held.every((word) => words.includes(word)) && held.length > 0;
}

/** What the schema says of one property; of a table, what it says of all. */
function propertyOf({ properties, additionalProperties }: JsonSchema, name: string): JsonSchema | undefined {
  return asSchema(properties ? properties[name] : additionalProperties);
}

const itemOf = (schema: JsonSchema | undefined) => asSchema(schema?.items);
const asSchema = (value: unknown) =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonSchema) : undefined;

function resolve(schema: JsonSchema, schemas: Schemas): JsonSchema {
  const name = schema.$ref?.replace('#/components/schemas/', '');
  return name === undefined ? schema : (schemas[name] ?? schema);
}

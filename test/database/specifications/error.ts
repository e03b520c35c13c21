import assert from 'node:assert/strict';
import mongoose from 'mongoose';
import type { Document } from './format.ts';
import { expectMatch, type Lookup } from './match.ts';

const { MongoBulkWriteError, MongoClientBulkWriteError, MongoError, MongoServerError } = mongoose.mongo;

/** Throws unless the driver's `error` is what the `expectError` of an operation describes. */
export function expectError(expected: Document, error: Error, lookup: Lookup): void {
  const details = detailsOf(error);
  const message = `${error.message} ${details.errmsg ?? ''}`;
  if (expected.isClientError !== undefined) assert.equal(!(error instanceof MongoServerError), expected.isClientError, message);
  if (expected.errorContains) {
    assert.ok(
      message.toLowerCase().includes(expected.errorContains.toLowerCase()),
      `no "${expected.errorContains}" in "${message}"`,
    );
  }
  if (expected.errorCode !== undefined) assert.equal(details.code, expected.errorCode, message);
  if (expected.errorCodeName) assert.equal(details.codeName, expected.errorCodeName, message);
  if (expected.errorResponse) expectMatch(expected.errorResponse, details.errorResponse, lookup, 'errorResponse');
  for (const label of expected.errorLabelsContain ?? []) assert.ok(hasLabel(error, label), `no label ${label} on: ${message}`);
  for (const label of expected.errorLabelsOmit ?? []) assert.ok(!hasLabel(error, label), `a label ${label} on: ${message}`);
  expectBulkErrors(expected, error, lookup);
  if ('expectResult' in expected) expectMatch(expected.expectResult, partialResultOf(error), lookup, 'partial result');
}

function expectBulkErrors(expected: Document, error: Error, lookup: Lookup): void {
  if (!(error instanceof MongoClientBulkWriteError)) return;
  for (const [index, value] of Object.entries(expected.writeErrors ?? {})) {
    expectMatch(value, error.writeErrors.get(Number(index)), lookup, `writeErrors.${index}`);
  }
  for (const [index, value] of (expected.writeConcernErrors ?? []).entries()) {
    expectMatch(value, error.writeConcernErrors[index], lookup, `writeConcernErrors.${index}`);
  }
}

/** What made a client's bulk write fail as a whole is the cause of the error that the driver throws. */
function detailsOf(error: Error): Document {
  return error instanceof MongoClientBulkWriteError && error.cause instanceof Error ? error.cause : error;
}

function hasLabel(error: Error, label: string): boolean {
  return error instanceof MongoError && (error.hasErrorLabel(label) || hasLabelInCause(error, label));
}

function hasLabelInCause({ cause }: Error, label: string): boolean {
  return cause instanceof MongoError && cause.hasErrorLabel(label);
}

function partialResultOf(error: Error): unknown {
  if (error instanceof MongoBulkWriteError) return error.result;
  return error instanceof MongoClientBulkWriteError ? error.partialResult : undefined;
}

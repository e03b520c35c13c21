/** Why one or more tests of a suite fail here: the engine refuses what they need, or the Node driver itself differs. */
export type ExpectedFailure = { suite: string; tests: RegExp; cause: 'engine' | 'driver'; reason: string };

/** Matched against `file description: test description`. A listed test that passes is as much of a surprise as one that fails. */
export const expectedFailures: ExpectedFailure[] = [
  {
    suite: 'crud',
    tests: /^\w+-collation: /,
    cause: 'engine',
    reason: 'no collation but the simple one is supported',
  },
  {
    suite: 'crud',
    tests: /^estimatedDocumentCount: estimatedDocumentCount works correctly on views$/,
    cause: 'engine',
    reason: 'views are not supported',
  },
  {
    suite: 'crud',
    tests: /^bypassDocumentValidation: (Aggregate with \$out|BulkWrite|FindOneAnd(Replace|Update)|InsertMany) passes \w+: false$/,
    cause: 'driver',
    reason: 'the driver leaves out an option that is false',
  },
  {
    suite: 'crud',
    tests: /^client bulkWrite partial results: partialResult is unset when /,
    cause: 'driver',
    reason: 'the driver gives a partial result of zeros where the specification wants none',
  },
  {
    suite: 'crud',
    tests: /^create-null-ids: inserting _id with type null via (insertOne|insertMany|bulkWrite|clientBulkWrite)$/,
    cause: 'driver',
    reason: 'the driver replaces an _id of null by one of its own',
  },
  {
    suite: 'retryable-writes',
    tests: /^bulkWrite: First insertOne is never committed$/,
    cause: 'driver',
    reason: 'the driver names ids as inserted after a broken connection',
  },
  {
    suite: 'transactions',
    tests: /^client bulkWrite transactions: client bulkWrite with writeConcern in a transaction causes a transaction error$/,
    cause: 'driver',
    reason: 'the driver ignores the write concern instead of refusing it',
  },
  {
    suite: 'retryable-reads',
    tests: /^changeStreams-.*: .* succeeds /,
    cause: 'engine',
    reason: 'change streams are not supported: there is no oplog',
  },
  {
    suite: 'sessions',
    tests: /^implicit sessions default causal consistency: .* when readConcern level is snapshot$/,
    cause: 'engine',
    reason: 'snapshot reads outside a transaction are not supported',
  },
  {
    suite: 'sessions',
    tests:
      /^snapshot-sessions: ((Find|Distinct|Aggregate|countDocuments|Mixed) operation with snapshot|Write commands with|First snapshot read)/,
    cause: 'engine',
    reason: 'snapshot reads outside a transaction are not supported',
  },
  {
    suite: 'run-command',
    tests: /^runCursorCommand: does not close the cursor when receiving an empty batch$/,
    cause: 'engine',
    reason: 'capped collections are not supported',
  },
  {
    suite: 'run-command',
    tests: /^runCursorCommand: errors if the command response is not a cursor$/,
    cause: 'driver',
    reason: 'the driver runs a cursor command when the cursor is first read',
  },
];

/** The entry that says why this test is expected to fail, or undefined where it is expected to pass. */
export function expectedFailureOf(suite: string, name: string): ExpectedFailure | undefined {
  return expectedFailures.find((failure) => failure.suite === suite && failure.tests.test(name));
}

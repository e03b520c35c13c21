import type { Document } from './document.ts';

/** What a command answers with when it fails: MongoDB's number, name and text, and the labels that drivers act on. */
export class CommandError extends Error {
  code: number;
  codeName: string;
  labels: string[] = [];
  details: Document | undefined;

  constructor(code: number, message: string, details?: Document) {
    super(message);
    this.name = 'CommandError';
    this.code = code;
    this.codeName = CODE_NAMES[code] ?? `Location${code}`;
    this.details = details;
  }
}

/** An error of MongoDB's own list; `details` are further fields of the reply, such as keyPattern. */
export function commandError(code: number, message: string, details?: Document): CommandError {
  return new CommandError(code, message, details);
}

/** Refuses what only a real MongoDB can do (115, or the number MongoDB has for it) and says where to get it. */
export function unsupported(feature: string, code = 115): CommandError {
  return commandError(
    code,
    `${feature} is not supported by the embedded database. Set MONGODB_URI to a MongoDB replica set to use it.`,
  );
}

/** 11000 in MongoDB's words; `keyPattern` and `keyValue` hold the index's fields in their order. */
export function duplicateKey(namespace: string, indexName: string, keyPattern: Document, keyValue: Document): CommandError {
  const key = Object.entries(keyValue).map(([path, value]) => `${path}: ${shown(value)}`);
  const text = `E11000 duplicate key error collection: ${namespace} index: ${indexName} dup key: { ${key.join(', ')} }`;
  return commandError(11000, text, { keyPattern, keyValue });
}

/** A value as MongoDB's shell would show it, for error texts. */
export function shown(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value !== 'object') return String(value);
  if (value instanceof Date) return `new Date(${value.getTime()})`;
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `[ ${value.map(shown).join(', ')} ]`;
  if ('_bsontype' in value && Object.getPrototypeOf(value) !== Object.prototype)
    return shownBson(value as { _bsontype: unknown });
  const fields = Object.entries(value).map(([key, field]) => `${key}: ${shown(field)}`);
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
}

function shownBson(value: { _bsontype: unknown; toString(): string }): string {
  if (value._bsontype === 'ObjectId') return `ObjectId('${value}')`;
  if (value._bsontype === 'Decimal128') return `Decimal128('${value}')`;
  if (value._bsontype === 'Long' || value._bsontype === 'Int32' || value._bsontype === 'Double') return value.toString();
  return `${value._bsontype}(${JSON.stringify(value)})`;
}

/** https://github.com/mongodb/mongo/blob/r8.0.0/src/mongo/base/error_codes.yml, as far as the commands here use it. */
const CODE_NAMES: Record<number, string> = {
  1: 'InternalError',
  2: 'BadValue',
  4: 'NoSuchKey',
  6: 'HostUnreachable',
  7: 'HostNotFound',
  8: 'UnknownError',
  9: 'FailedToParse',
  11: 'UserNotFound',
  13: 'Unauthorized',
  14: 'TypeMismatch',
  15: 'Overflow',
  16: 'InvalidLength',
  18: 'AuthenticationFailed',
  20: 'IllegalOperation',
  22: 'InvalidBSON',
  24: 'LockTimeout',
  26: 'NamespaceNotFound',
  27: 'IndexNotFound',
  28: 'PathNotViable',
  36: 'CursorInUse',
  40: 'ConflictingUpdateOperators',
  43: 'CursorNotFound',
  48: 'NamespaceExists',
  50: 'MaxTimeMSExpired',
  52: 'DollarPrefixedFieldName',
  53: 'InvalidIdField',
  54: 'NotSingleValueField',
  55: 'InvalidDBRef',
  56: 'EmptyFieldName',
  57: 'DottedFieldName',
  59: 'CommandNotFound',
  61: 'ShardKeyNotFound',
  64: 'WriteConcernFailed',
  66: 'ImmutableField',
  67: 'CannotCreateIndex',
  68: 'IndexAlreadyExists',
  72: 'InvalidOptions',
  73: 'InvalidNamespace',
  76: 'NoReplicationEnabled',
  79: 'UnknownReplWriteConcern',
  85: 'IndexOptionsConflict',
  86: 'IndexKeySpecsConflict',
  89: 'NetworkTimeout',
  91: 'ShutdownInProgress',
  96: 'OperationFailed',
  100: 'UnsatisfiableWriteConcern',
  107: 'NotImplemented',
  112: 'WriteConflict',
  115: 'CommandNotSupported',
  117: 'ConflictingOperationInProgress',
  121: 'DocumentValidationFailure',
  125: 'CommandFailed',
  136: 'CappedPositionLost',
  146: 'ExceededMemoryLimit',
  166: 'CommandNotSupportedOnView',
  167: 'OptionNotSupportedOnView',
  168: 'InvalidPipelineOperator',
  171: 'CannotIndexParallelArrays',
  189: 'PrimarySteppedDown',
  197: 'InvalidIndexSpecificationOption',
  206: 'NoSuchSession',
  211: 'KeyNotFound',
  217: 'IncompleteTransactionHistory',
  222: 'CloseChangeStream',
  175: 'QueryPlanKilled',
  225: 'TransactionTooOld',
  227: 'CannotBuildIndexKeys',
  237: 'CursorKilled',
  238: 'NotImplemented',
  239: 'SnapshotTooOld',
  241: 'ConversionFailure',
  244: 'TransactionAborted',
  246: 'SnapshotUnavailable',
  251: 'NoSuchTransaction',
  256: 'TransactionCommitted',
  257: 'TransactionTooLarge',
  258: 'UnknownFeatureCompatibilityVersion',
  263: 'OperationNotSupportedInTransaction',
  267: 'PreparedTransactionInProgress',
  286: 'ChangeStreamHistoryLost',
  290: 'TransactionExceededLifetimeLimitSeconds',
  291: 'NoQueryExecutionPlans',
  292: 'QueryExceededMemoryLimitNoDiskUseAllowed',
  334: 'ConflictingServerlessOperation',
  391: 'ReauthenticationRequired',
  9001: 'SocketException',
  10003: 'CannotGrowDocumentInCappedNamespace',
  10058: 'LegacyNotPrimary',
  10107: 'NotWritablePrimary',
  10334: 'BSONObjectTooLarge',
  11000: 'DuplicateKey',
  11600: 'InterruptedAtShutdown',
  11601: 'Interrupted',
  11602: 'InterruptedDueToReplStateChange',
  13388: 'StaleConfig',
  13435: 'NotPrimaryNoSecondaryOk',
  13436: 'NotPrimaryOrSecondary',
};

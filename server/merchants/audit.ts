import type { Id } from '../kernel/ids.ts';
import type { Page, PageQuery } from '../kernel/page.ts';
import type { PersonalOf } from '../kernel/personal.ts';
import type { By } from './caller.ts';

/** A change, as it is told to the audit inside the change's own transaction. */
export interface AuditChange {
  readonly by: By;
  /** Noun and past verb: `staff.invited`. */
  readonly action: string;
  readonly subject: { readonly kind: string; readonly id: string; readonly name?: string };
  /** What was there before, as far as it changed. Never a secret: of those it says that they changed. */
  readonly before?: Readonly<Record<string, unknown>>;
  readonly after?: Readonly<Record<string, unknown>>;
}

export interface AuditEntry extends AuditChange {
  readonly id: Id<'audit'>;
  readonly at: number;
}

export interface AuditQuery {
  readonly actorId?: string | undefined;
  readonly action?: string | undefined;
  readonly subjectId?: string | undefined;
  /** Words that stand anywhere in the entry. */
  readonly find?: string | undefined;
  /** Epoch ms; from this on, before that. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
}

/** Who did what to what; append-only. */
export interface Audit {
  /** Newest first. A search through very many entries may give a page that is not full, or empty, with where to go on. */
  list(merchantId: Id<'merchant'>, query: AuditQuery & PageQuery): Promise<Page<AuditEntry>>;
  /** All that fit, newest first, read as they are wanted: what is written meanwhile is not among them. */
  read(merchantId: Id<'merchant'>, query: AuditQuery): AsyncIterable<AuditEntry>;
  /** When something was done with what is kept about a person, and what. By whom is told to nobody but the merchant, and all of it stays: it names the person by ids only. */
  readonly personal: PersonalOf;
}

import type { Id } from '../kernel/ids.ts';

/** What is known of an erasure: ids and times, so that it can be kept. */
export interface Receipt {
  /** The number that the person can be told. */
  readonly id: Id<'erasure'>;
  readonly memberId: Id<'member'>;
  /** `begun` until every room has answered; an erasure that was begun is always ended, also after a kill. */
  readonly state: 'begun' | 'done';
  readonly begunAt: number;
  readonly doneAt?: number;
  /** What the rooms answered, in their order. */
  readonly rooms: readonly {
    readonly room: string;
    /** False also where a kill came between the erasure and this note of it: what was there is gone all the same. */
    readonly hadSomething: boolean;
  }[];
}

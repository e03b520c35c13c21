import type { CallbackFault, CallFault } from '../../../../server/sandbox/faults.ts';

/** The words of the sandbox's clock and of its faults by choice. */
export interface WorldTexts {
  clock: {
    label: string;
    real: string;
    ahead: (days: number, hours: number, minutes: number) => string;
    push: string;
    minute: string;
    hour: string;
    day: string;
    month: string;
    back: string;
    follows: string;
    stays: string;
    behind: string;
    pushed: string;
    returned: string;
  };
  faults: {
    label: string;
    about: string;
    off: string;
    struck: (times: number) => string;
    allOff: string;
    seed: (seed: number) => string;
    all: string;
    title: string;
    titleAbout: string;
    seedLabel: string;
    seedAbout: string;
    side: Record<'calls' | 'callbacks', string>;
    sideLabel: string;
    name: string;
    nameRule: string;
    fault: string;
    chance: string;
    times: string;
    timesRule: string;
    lasts: string;
    add: string;
    remove: (fault: string) => string;
    none: string;
    apply: string;
    applied: string;
  };
  names: Record<CallFault | CallbackFault, string>;
  /** What each does, in words. */
  calls: Record<CallFault, string>;
  callbacks: Record<CallbackFault, string>;
}

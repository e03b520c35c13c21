import { type Language, usePreferences } from '../../shared/preferences.ts';

/** The words of one part of the console in both languages, as a hook. What Chinese has and English lacks does not compile, nor the other way round. */
export function createTexts<Texts>(zh: Texts, en: NoInfer<Texts>): () => Texts {
  const all: Record<Language, Texts> = { zh, en };
  return () => all[usePreferences()[0].language];
}

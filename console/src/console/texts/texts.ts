import { createTexts } from './create-texts.ts';
import { en } from './en.ts';
import { zh } from './zh.ts';

/** The words that every part of the console uses. */
export const useTexts = createTexts(zh, en);

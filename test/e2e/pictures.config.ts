import { defineConfig } from '@playwright/test';
import base from './playwright.config.ts';

/** Takes the README's pictures anew: `npx playwright test --config test/e2e/pictures.config.ts && pngquant --force --ext .png 128 docs/pictures/*.png`. */
export default defineConfig({ ...base, testMatch: 'pictures.ts' });

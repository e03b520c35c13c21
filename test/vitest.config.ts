import { defineConfig } from 'vitest/config';

const root = new URL('..', import.meta.url).pathname;
const shared = { root, globalSetup: ['test/support/database-server.ts'], testTimeout: 60_000, hookTimeout: 60_000 };

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...shared,
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**', 'test/soak/**', 'test/bench/**'],
        },
      },
      { test: { ...shared, name: 'soak', include: ['test/soak/**/*.test.ts'], testTimeout: 30 * 60_000, hookTimeout: 60_000 } },
      { test: { root, name: 'architecture', include: ['test/architecture.test.ts'] } },
    ],
  },
});

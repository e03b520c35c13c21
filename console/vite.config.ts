import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  // Relative, so that the pages work behind a proxy that serves them under a path of its own.
  base: './',
  plugins: [react()],
  build: {
    target: 'es2022',
    // Data URIs would need a wider content security policy for what they save.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: { console: 'console/index.html', sandbox: 'sandbox/index.html' } },
  },
});

import module from 'node:module';
import { fileURLToPath } from 'node:url';

// Runs before any TypeScript is loaded, so that an old Node says what to do instead of failing on a type annotation.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 24 || (major === 24 && minor < 15)) {
  process.stderr.write(
    `Service Window runs on Node 24.15 or newer; this is Node ${process.versions.node}.\n` +
      'npm installs a fitting Node beside the project as the package "node": run `npm ci` with install scripts allowed\n' +
      '(without --ignore-scripts), then start again with `npm start`. Or install Node 24 from https://nodejs.org.\n',
  );
  process.exit(1);
}

// Compiled code is kept beside the modules it comes from: the next start is faster and takes less memory.
module.enableCompileCache?.(fileURLToPath(new URL('node_modules/.cache/service-window', import.meta.url)));

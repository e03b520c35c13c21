import { createRequire, registerHooks } from 'node:module';
import type EasyWechat from 'node-easywechat';

/**
 * node-easywechat 3.6.2 asks for a file that node-socialite has no longer had since 1.5, which npm gives it: as it is installed it
 * does not start. Its way to another file is opened here; its own code stays as it was published. Only its OAuth2 needs the package.
 */
const hooks = registerHooks({
  resolve(specifier, context, next) {
    const gone = specifier === 'node-socialite/dist/Core/ProviderInterface';
    return next(gone ? 'node-socialite/dist/Core/BaseProvider' : specifier, context);
  },
});

const loaded = createRequire(import.meta.url)('node-easywechat') as typeof EasyWechat;
hooks.deregister();

export const { OfficialAccount, ServerRequest } = loaded;

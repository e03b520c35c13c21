import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { configKeys, hasRealAccount, maySandbox, readConfig } from '../../server/kernel/config.ts';

const shipped = resolve(import.meta.dirname, '../../config');
const real = {
  WECHAT_APP_ID: 'wx0123456789abcdef',
  WECHAT_ORIGINAL_ID: 'gh_0123456789ab',
  WECHAT_TOKEN: 'sample',
  WECHAT_ENCODING_AES_KEY: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG',
};

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

describe('the configuration', () => {
  it('needs nothing to be set', () => {
    const config = readConfig(shipped, 'production', {});
    expect(config['http.host']).toBe('127.0.0.1');
    expect(hasRealAccount(config)).toBe(false);
  });

  it('takes the environment over the files, and an empty variable as not set', () => {
    const config = readConfig(shipped, 'production', { PORT: '8080', LOG_LEVEL: '' });
    expect(config['http.port']).toBe(8080);
    expect(config['log.level']).toBe('info');
  });

  it('cannot be changed', () => {
    const config = readConfig(shipped, 'production', {}) as Record<string, unknown>;
    expect(() => {
      config['http.port'] = 1;
    }).toThrow(TypeError);
  });

  it('lists everything that is wrong at once', () => {
    const environment = { PORT: '70000', LOG_LEVEL: 'loud', MERCHANT_ZONE: 'Mars/Olympus', MONGODB_URI: 'localhost' };
    expect(() => readConfig(shipped, 'production', environment)).toThrow(
      /http\.port \(PORT\)[\s\S]*database\.uri \(MONGODB_URI\)[\s\S]*log\.level \(LOG_LEVEL\)[\s\S]*merchant\.zone \(MERCHANT_ZONE\)/,
    );
  });

  it('names a key that does not exist, and a file that is not JSON', () => {
    const folder = mkdtempSync(join(tmpdir(), 'config-'));
    folders.push(folder);
    writeFileSync(join(folder, 'default.json'), '{ "http.prot": 1 }');
    writeFileSync(join(folder, 'test.json'), '{}');
    expect(() => readConfig(folder, 'test', {})).toThrow(/http\.prot: no such key/);
    expect(() => readConfig(folder, 'absent', {})).toThrow(/absent\.json cannot be read/);
  });

  it('refuses half a real account, saying which half is missing', () => {
    expect(() => readConfig(shipped, 'production', { WECHAT_APP_ID: real.WECHAT_APP_ID })).toThrow(
      /wechat\.originalId \(WECHAT_ORIGINAL_ID\): is missing[\s\S]*wechat\.token[\s\S]*wechat\.encodingAesKey/,
    );
    expect(() => readConfig(shipped, 'production', { ...real, WECHAT_ENCODING_AES_KEY: 'short' })).toThrow(
      /43 letters and digits/,
    );
    expect(hasRealAccount(readConfig(shipped, 'production', real))).toBe(true);
  });

  it('refuses the sandbox beside real credentials, and a sandbox that strangers can reach unless told to', () => {
    expect(() => readConfig(shipped, 'production', { ...real, SANDBOX: 'on' })).toThrow(/must not be on beside real credentials/);
    expect(maySandbox(readConfig(shipped, 'production', { SANDBOX: 'off' }))).toBe(false);
    expect(maySandbox(readConfig(shipped, 'production', real))).toBe(false);
    expect(() => readConfig(shipped, 'production', { HOST: '0.0.0.0' })).toThrow(/could act as any follower/);
    expect(readConfig(shipped, 'production', { HOST: '0.0.0.0', SANDBOX: 'on' })['http.host']).toBe('0.0.0.0');
    expect(readConfig(shipped, 'production', { HOST: '0.0.0.0', ...real })['http.host']).toBe('0.0.0.0');
  });

  it('wants the sealing key from the environment beside a MongoDB, whose processes must share it', () => {
    const uri = { MONGODB_URI: 'mongodb://127.0.0.1/shop' };
    expect(() => readConfig(shipped, 'production', uri)).toThrow(/secrets\.key \(SECRETS_KEY\): is missing/);
    const key = Buffer.alloc(32, 7).toString('base64');
    expect(readConfig(shipped, 'production', { ...uri, SECRETS_KEY: key })['secrets.key']).toBe(key);
  });

  it('refuses a sealing key of another length, a public address with a path, and a proxy that is no address', () => {
    expect(() => readConfig(shipped, 'production', { SECRETS_KEY: 'c2hvcnQ=' })).toThrow(/secrets\.key .*32 bytes/);
    expect(() => readConfig(shipped, 'production', { PUBLIC_URL: 'https://a.example/shop' })).toThrow(/without a path/);
    expect(() => readConfig(shipped, 'production', { PUBLIC_URL: 'ftp://a.example' })).toThrow(/http\.publicUrl/);
    expect(() => readConfig(shipped, 'production', { TRUSTED_PROXIES: 'proxy.local' })).toThrow(/addresses or ranges/);
  });

  it('is documented key by key, with the defaults that are shipped', () => {
    const lines = readFileSync(join(shipped, 'README.md'), 'utf8').split('\n');
    const defaults = JSON.parse(readFileSync(join(shipped, 'default.json'), 'utf8'));
    for (const { key, env } of configKeys) {
      const expected = key in defaults ? `\`${defaults[key]}\`` : 'none';
      expect(
        lines.filter((line) => line.startsWith(`| \`${key}\` | \`${env}\` | ${expected} |`)),
        key,
      ).toHaveLength(1);
    }
    expect(lines.filter((line) => line.startsWith('| `'))).toHaveLength(configKeys.length);
  });
});

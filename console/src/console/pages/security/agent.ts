/** What a browser says it is, as people call it: "Chrome, Windows". Undefined for what is no browser that we know. */
export function nameAgent(agent: string): string | undefined {
  // The order matters: each of these also claims to be some that follow.
  const browser = find(agent, [
    [/MicroMessenger\//, '微信 WeChat'],
    [/\bEdgA?\//, 'Edge'],
    [/\bOPR\//, 'Opera'],
    [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
    [/\bHeadlessChrome\//, 'Chrome'],
    [/\bChrome\/|\bCriOS\//, 'Chrome'],
    [/\bSafari\//, 'Safari'],
  ]);
  const system = find(agent, [
    [/\bAndroid\b/, 'Android'],
    [/\biPhone\b/, 'iPhone'],
    [/\biPad\b/, 'iPad'],
    [/\bWindows NT\b/, 'Windows'],
    [/\bMacintosh\b/, 'Mac'],
    [/\bCrOS\b/, 'ChromeOS'],
    [/\bLinux\b/, 'Linux'],
  ]);
  return browser && [browser, system].filter(Boolean).join(', ');
}

function find(agent: string, table: readonly (readonly [RegExp, string])[]): string | undefined {
  return table.find(([pattern]) => pattern.test(agent))?.[1];
}

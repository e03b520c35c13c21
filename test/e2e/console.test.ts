import { type BrowserContext, expect, type Page } from '@playwright/test';
import type { OwnedAccount } from '../../server/sandbox/contract.ts';
import { openConsole, owner, signUpAsOwner, test } from './console-server.ts';

test('an owner comes by the printed link, connects an account, is told which step fails, and sees the first message answered', async ({
  page,
  context,
  server,
}) => {
  const complaints = await openConsole(page, server, await server.ownerLink);

  await test.step('the link says what it is for; a password that others would guess is refused at its field', async () => {
    await expect(page.getByRole('heading', { name: /^欢迎来到/ })).toBeVisible();
    await page.getByLabel('你的名字').fill(owner.name);
    await page.getByLabel('手机号或邮箱').fill(owner.login);
    await page.getByLabel('密码', { exact: true }).fill('password123');
    await page.getByRole('button', { name: '进后台' }).click();
    await expect(page.getByText('这个密码太常见，别人第一批就会试，换一个')).toBeVisible();
    await expect(page.getByLabel('密码', { exact: true })).toBeFocused();
    await page.getByLabel('密码', { exact: true }).fill(owner.password);
    await page.getByRole('button', { name: '进后台' }).click();
    await expect(page.getByRole('heading', { name: '账号接入' })).toBeVisible();
    expect(page.url()).not.toContain('link');
  });

  const platform = await context.newPage();
  const registered = await registerOnPlatform(platform, server.url);

  await test.step('the first step: what the platform calls the account', async () => {
    await page.getByRole('button', { name: '接一个公众号' }).click();
    await page.getByLabel('公众号名称').fill(registered.name);
    await page.getByLabel('AppID').fill('wx123');
    await page.getByLabel('原始 ID').fill(registered.originalId);
    await page.getByLabel('AppSecret').fill(registered.appSecret);
    await page.getByRole('button', { name: '存好，下一步' }).click();
    await expect(page.getByText('AppID 是 wx 加 16 位数字或 a–f')).toBeVisible();
    // Pasted with the spaces that a page gives along.
    await page.getByLabel('AppID').fill(` ${registered.appId} `);
    await page.getByRole('button', { name: '存好，下一步' }).click();
    await expect(page.getByRole('heading', { name: `接上“${registered.name}”，三步` })).toBeVisible();
  });

  const callback = page.getByRole('region', { name: '回调地址' });
  const values = callback.locator('.copy-line .mono');
  await expect(values).toHaveCount(3);
  const [url = '', token = '', key = ''] = await values.allTextContents();

  await test.step('a token with a letter missing: the platform refuses it, and the check says so', async () => {
    await enterOnPlatform(platform, { url, token: token.slice(0, -1), key });
    await expect(platform.getByText('没有存：')).toBeVisible();
    await check(page);
    await expect(page.getByText('停在“签名一致”')).toBeVisible();
    await expect(page.getByText('两边的 Token 不一样。')).toBeVisible();
  });

  await test.step('a key that is another: the address is taken, but the first letter does not open', async () => {
    await enterOnPlatform(platform, { url, token, key: `${key.slice(0, -2)}${key.endsWith('AA') ? 'BA' : 'AA'}` });
    await expect(platform.getByText('已启用：服务器原样返回了。')).toBeVisible();
    await check(page);
    await expect(page.getByText('等在“加解密方式一致”')).toBeVisible();
    await followOnPhone(platform, registered);
    await check(page);
    await expect(page.getByText('停在“解开加密”')).toBeVisible();
    await expect(page.getByText('两边的 EncodingAESKey 不一样。')).toBeVisible();
  });

  await test.step('all is right: a follower is answered, and token and key are shown no more', async () => {
    await enterOnPlatform(platform, { url, token, key });
    await expect(platform.getByText('已启用：服务器原样返回了。')).toBeVisible();
    await platform.getByRole('button', { name: '关闭' }).click();
    await platform.getByRole('textbox', { name: '发消息' }).fill('帮助');
    await platform.keyboard.press('Enter');
    await expect(platform.getByRole('log').getByText(/你可以：/)).toBeVisible();
    await check(page);
    await expect(page.getByText('每一步都通了')).toBeVisible();
    await expect(page.getByRole('heading', { name: registered.name, exact: true })).toBeVisible();
    await expect(values).toHaveCount(1);
    await expect(page.getByText(token, { exact: true })).toHaveCount(0);
  });

  await test.step('what it can do stands beside it; a subscription account can do less, and says why', async () => {
    const abilities = page.getByRole('region', { name: '能做什么' });
    await expect(abilities.getByText('要服务号')).toHaveCount(0);
    await page.getByRole('button', { name: '修改' }).click();
    await page.getByText('订阅号', { exact: true }).click();
    await page.getByRole('button', { name: '保存' }).click();
    await expect(abilities.getByText('要服务号').first()).toBeVisible();
  });
  expect(complaints).toEqual([]);
});

test('who knows the password comes in, who does not is told so; a session that ends keeps what was typed', async ({
  page,
  server,
}) => {
  const complaints = await signUpAsOwner(page, server);

  await test.step('leaves, and is asked to sign in at every address', async () => {
    await page.getByRole('button', { name: '退出登录' }).click();
    await expect(page.getByRole('heading', { name: '进后台' })).toBeVisible();
    await page.goto(`${server.url}/console/#/settings`);
    await expect(page.getByRole('heading', { name: '进后台' })).toBeVisible();
  });

  await test.step('a wrong password is refused in words; the right one leads to where they wanted to go', async () => {
    await page.getByLabel('手机号或邮箱').fill(owner.login);
    await page.getByLabel('密码', { exact: true }).fill('croissant at eight');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('alert')).toContainText('账号或密码不对');
    await expect(page.getByLabel('手机号或邮箱')).toHaveValue(owner.login);
    await page.getByLabel('密码', { exact: true }).fill(owner.password);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: '商户设置' })).toBeVisible();
  });

  await test.step('the session ends elsewhere while they type: they sign in again, and it is saved', async () => {
    await page.getByLabel('店名').fill('半日麦面包房');
    await page.context().clearCookies();
    await page.getByRole('button', { name: '保存' }).click();
    const again = page.getByRole('dialog', { name: '登录过期了' });
    await again.getByLabel('密码', { exact: true }).fill(owner.password);
    await again.getByRole('button', { name: '登录', exact: true }).click();
    await expect(again).toBeHidden();
    await expect(page.getByText('改好了')).toBeVisible();
    await expect(page.getByLabel('店名')).toHaveValue('半日麦面包房');
    await expect(page.getByRole('navigation').getByText('半日麦面包房')).toBeVisible();
  });

  await test.step('somebody else was quicker: what they changed is shown, and nothing is overwritten unseen', async () => {
    const other = await page.context().newPage();
    await other.goto(`${server.url}/console/#/settings`);
    await other.getByLabel('店名').fill('半日麦烘焙');
    await other.getByRole('button', { name: '保存' }).click();
    await expect(other.getByText('改好了')).toBeVisible();
    await page.getByText('English', { exact: true }).last().click();
    await page.getByRole('button', { name: '保存' }).click();
    await expect(page.getByRole('alert').filter({ hasText: '店名：半日麦面包房 → 半日麦烘焙' })).toBeVisible();
    await page.getByRole('button', { name: '放弃我填的' }).click();
    await expect(page.getByLabel('店名')).toHaveValue('半日麦烘焙');
  });
  expect(complaints).toEqual([]);
});

test('a used link says who makes another; the console is used by keyboard, in English, on a narrow screen', async ({
  page,
  context,
  server,
}) => {
  await signUpAsOwner(page, server);
  const link = await server.ownerLink;
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole('button', { name: '换成英文' }).click();

  await page.keyboard.press('Tab');
  const menu = page.getByRole('button', { name: 'Open navigation' });
  await menu.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'Shop settings' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Shop settings' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Shop settings' })).toBeHidden();
  for (const address of ['settings', 'accounts', 'accounts/new']) {
    await page.goto(`${server.url}/console/#/${address}`);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
  }

  const stranger = await visit(context, link);
  await expect(stranger.getByRole('heading', { name: 'This link opens nothing any more' })).toBeVisible();
  await stranger.getByRole('link', { name: 'I have an account: sign in' }).click();
  // This browser is signed in already.
  await expect(stranger.getByRole('heading', { name: 'Accounts' })).toBeVisible();
});

test('the owner opens a further shop; a page that shows one person notices that another has signed in', async ({
  page,
  context,
  server,
}) => {
  await signUpAsOwner(page, server);
  await page.getByRole('link', { name: '商户设置' }).click();
  await page.getByRole('button', { name: '开新店' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('店名').fill('湖滨书店');
  await dialog.getByLabel('店铺代号').fill('hubin');
  await dialog.getByRole('button', { name: '开新店' }).click();
  await expect(page.getByText('“湖滨书店”开好了')).toBeVisible();
  const link = await page.getByRole('dialog').locator('.copy-line .mono').textContent();

  const second = await visit(context, link ?? '');
  await expect(second.getByRole('heading', { name: '欢迎来到湖滨书店' })).toBeVisible();
  await expect(second.getByText(`这个浏览器现在是${owner.name}`)).toBeVisible();
  await second.getByLabel('你的名字').fill('沈嘉');
  await second.getByLabel('手机号或邮箱').fill('shenjia@hubin.example');
  await second.getByLabel('密码', { exact: true }).fill('a page for every rainy day');
  await second.getByRole('button', { name: '进后台' }).click();
  await expect(second.getByText('还没有公众号', { exact: true })).toBeVisible();
  await second.getByRole('link', { name: '商户设置' }).click();
  await expect(second.getByRole('button', { name: '开新店' })).toHaveCount(0);

  // The first page acts with the same cookie: it must not go on as the one who was there before.
  await expect(page.getByRole('link', { name: '沈嘉' })).toBeVisible();
  await expect(page.getByRole('navigation').getByText('湖滨书店')).toBeVisible();

  // With two shops the door asks which.
  await second.getByRole('button', { name: '退出登录' }).click();
  await second.getByLabel('店铺代号').fill('demo');
  await second.getByLabel('手机号或邮箱').fill(owner.login);
  await second.getByLabel('密码', { exact: true }).fill(owner.password);
  await second.getByRole('button', { name: '登录', exact: true }).click();
  await expect(second.getByRole('link', { name: owner.name })).toBeVisible();
});

async function visit(context: BrowserContext, address: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(address);
  return page;
}

async function check(page: Page) {
  const answered = page.waitForResponse((response) => response.url().endsWith('/checks'));
  await page.getByRole('button', { name: /检查一遍|再查一次/ }).click();
  await answered;
}

/** Registers an account on the sandbox's page of the platform, which stays open on it. */
async function registerOnPlatform(platform: Page, url: string): Promise<OwnedAccount> {
  await platform.goto(`${url}/sandbox/`);
  await platform.getByRole('button', { name: '账号', exact: true }).click();
  await platform.getByRole('button', { name: '新账号' }).click();
  await platform.getByLabel('账号名称').fill('麦浪面包');
  await platform.getByRole('button', { name: '注册' }).click();
  await expect(platform.getByLabel('服务器地址 URL')).toBeVisible();
  const accounts: OwnedAccount[] = await (await platform.request.get(`${url}/sandbox/api/accounts`)).json();
  const account = accounts.find(({ name }) => name === '麦浪面包');
  if (!account) throw new Error('the platform has no account of this name');
  return account;
}

async function enterOnPlatform(platform: Page, { url, token, key }: { url: string; token: string; key: string }) {
  if (!(await platform.getByLabel('服务器地址 URL').isVisible())) {
    await platform.getByRole('button', { name: '账号', exact: true }).click();
    await platform
      .getByRole('button', { name: /麦浪面包/ })
      .first()
      .click();
  }
  await platform.getByLabel('服务器地址 URL').fill(url);
  await platform.getByLabel('令牌 Token').fill(token);
  await platform.getByLabel('EncodingAESKey').fill(key);
  await platform.getByRole('button', { name: '提交' }).click();
}

/** Somebody follows the account on their phone. */
async function followOnPhone(platform: Page, { name }: OwnedAccount) {
  await platform.getByRole('button', { name: `看${name}的手机` }).click();
  const follow = platform.getByRole('button', { name: '关注', exact: true });
  if (!(await follow.isVisible().catch(() => false))) {
    await platform.getByRole('button', { name: '加一位粉丝' }).click();
    await platform.getByLabel('怎么称呼').fill('周雨');
    await platform.keyboard.press('Enter');
  }
  await follow.click();
  await expect(platform.getByRole('log').getByText(/你关注了/)).toBeVisible();
}

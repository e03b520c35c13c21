import { expect, it } from 'vitest';
import { confirmOnceUrl, entryCodePicture, signInUrl } from '../../../server/channels/wechat/index.ts';

it('the page of a sign-in has its parameters in the order that the platform wants', () => {
  const page = { appId: 'wx1', redirectUrl: 'https://shop.example/back?a=1&b=店', scope: 'snsapi_base', state: 's1' } as const;
  expect(signInUrl(page)).toBe(
    'https://open.weixin.qq.com/connect/oauth2/authorize?appid=wx1&redirect_uri=https%3A%2F%2Fshop.example%2Fback%3Fa%3D1%26b%3D%E5%BA%97&response_type=code&scope=snsapi_base&state=s1#wechat_redirect',
  );
  expect(signInUrl({ ...page, forcesPopup: true }, 'http://127.0.0.1:1')).toMatch(
    /^http:\/\/127\.0\.0\.1:1\/connect\/.*&state=s1&forcePopup=true#wechat_redirect$/,
  );
});

it('the page of one message’s consent says for which template, and where to come back to', () => {
  const page = { appId: 'wx1', scene: 7, templateId: 't1', redirectUrl: 'https://shop.example/', reserved: 'r' };
  expect(confirmOnceUrl(page)).toBe(
    'https://mp.weixin.qq.com/mp/subscribemsg?action=get_confirm&appid=wx1&scene=7&template_id=t1&redirect_url=https%3A%2F%2Fshop.example%2F&reserved=r#wechat_redirect',
  );
});

it('the picture of an entry code is named by its ticket', () => {
  expect(entryCodePicture('gQH4==/+')).toBe('https://mp.weixin.qq.com/cgi-bin/showqrcode?ticket=gQH4%3D%3D%2F%2B');
});

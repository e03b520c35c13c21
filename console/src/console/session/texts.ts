import { createTexts } from '../texts/create-texts.ts';

export const useSignInTexts = createTexts(
  {
    town: { line: '客人在聊天里，\n店在街角。', text: '从一条消息，到店里的一张券。' },
    shop: '店铺代号',
    shopHint: '开店时定的英文名，如 banrimai；不知道就问店主',
    login: '手机号或邮箱',
    password: '密码',
    code: '验证码',
    codeHint: '手机验证器里的六位数；手机不在身边，就填一个恢复码',
    signIn: '登录',
    forgot: '忘了',
    forgotWords:
      '请店主或店长在“员工与权限”里给你发一个登录链接，点开就能换新密码。店主自己忘了，请管服务器的人用 OWNER_LINK=on 重启，启动时会打印一个。',
    needed: (field: string) => `请填${field}`,
    problems: {
      'session.refused': { title: '没能登录', text: '账号或密码不对。大小写要一致；还记不起来，就点“忘了”。' },
      wrongCode: { title: '没能登录', text: '验证码或密码不对。看看手机时间准不准，等下一组数字再填；每个码只能用一次。' },
      'request.too-many': { title: '试得太多了', text: '为了别人猜不到你的密码，先歇一会儿。' },
    },
  },
  {
    town: { line: 'Customers chat.\nYour shop is around the corner.', text: 'From a message to a coupon at the counter.' },
    shop: 'Shop',
    shopHint: 'Its short name, such as banrimai; the owner knows it',
    login: 'Phone number or e-mail',
    password: 'Password',
    code: 'One-time code',
    codeHint: 'Six digits from the authenticator on your phone, or one of your recovery codes',
    signIn: 'Sign in',
    forgot: 'Forgot it?',
    forgotWords:
      'Ask the owner or a manager for a sign-in link from “Staff and roles”: it lets you choose a new password. An owner who forgot theirs asks whoever runs the server to restart it with OWNER_LINK=on, which prints one.',
    needed: (field: string) => `Fill in: ${field}`,
    problems: {
      'session.refused': {
        title: 'Not signed in',
        text: 'The account or the password is wrong. Mind capitals, or press “Forgot it?”.',
      },
      wrongCode: {
        title: 'Not signed in',
        text: 'The code or the password is wrong. Check the phone’s clock and use the next digits; each code works once.',
      },
      'request.too-many': { title: 'Too many tries', text: 'So that nobody can guess your password, wait a moment.' },
    },
  },
);

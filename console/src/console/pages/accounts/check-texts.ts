import { createTexts } from '../../texts/create-texts.ts';

interface Way {
  /** What is wrong, in a sentence. */
  title: string;
  /** What most likely happened and what to do. */
  text: string;
}

/** The words of the check: its steps, and for each reason what is wrong and the way out. */
export const useCheckTexts = createTexts(
  {
    title: '检查',
    begin: '检查一遍',
    again: '再查一次',
    notYet: '填好回调地址以后，从这里看每一步通没通',
    notYours: '店主可以在这里看每一步通没通',
    running: '正在检查，最多 8 秒',
    passed: '每一步都通了',
    waits: (step: string) => `等在“${step}”`,
    halted: (step: string) => `停在“${step}”`,
    took: (time: string, seconds: string) => `${time} 查的，用了 ${seconds} 秒`,
    result: (result: string, took: string) => `${result}。${took}`,
    comma: '，',
    sides: { out: '我们到微信', in: '微信到我们' },
    waiting: '等上一步',
    milliseconds: (count: number) => `${count} ms`,
    record: '这次检查的记录，不含密钥',
    download: '下载，发给帮忙的人',
    outcomes: { passed: '通过', failed: '没通过', waiting: '等着' },
    details: '详情',
    until: (date: string) => `到 ${date}`,
    steps: {
      token: '拿到 access_token',
      'address-allowed': '出口 IP 在白名单',
      capabilities: '账号的权限',
      reachable: '域名从外面打得开',
      certificate: '证书有效',
      knocked: '微信来敲过门',
      signature: '签名一致',
      mode: '加解密方式一致',
      decryption: '解开加密',
      answered: '4.5 秒内答复',
    } as Record<string, string>,
    reasons: {
      'no-secret': { title: '还没有填 AppSecret。', text: '没有它也能收消息和自动回复；要主动联系微信，在“账号凭据”里补上。' },
      'wrong-app-id': {
        title: '微信不认识这个 AppID。',
        text: '多半是抄错了一位。AppID 定下就不能改：断开这个账号，用对的 AppID 重新接。',
      },
      'wrong-secret': { title: 'AppSecret 不对。', text: '在公众平台重置过就会这样。把最新的填进“账号凭据”，再查一次。' },
      'secret-frozen': { title: 'AppSecret 被冻结了。', text: '在公众平台“基本配置”里解冻，再查一次。' },
      'quota-used-up': { title: '今天问微信的次数用完了。', text: '明天再查；别的服务也在用这个公众号吗？' },
      'too-often': { title: '问得太快了。', text: '等一分钟再查。' },
      refused: { title: '微信没有答应。', text: '它给的错误码在下面，可以在微信的文档里查到。' },
      'address-not-listed': {
        title: '这台服务器的 IP 不在白名单里。',
        text: '把下面的 IP 加进公众平台“设置与开发 / 基本配置 / IP 白名单”，几分钟后再查。',
      },
      unreachable: { title: '连不上。', text: '网络不通或被拦住了。看看防火墙和域名解析，再查一次。' },
      'wrong-port': { title: '微信只走 80 和 443 端口。', text: '在前面放一个代理（Caddy 或 nginx），用 443 端口。' },
      'another-server': {
        title: '这个域名上答话的不是我们。',
        text: '域名可能指到了别的机器，或代理没有把请求转过来。',
      },
      'no-public-url': {
        title: '服务器不知道自己在外面的地址。',
        text: '请管服务器的人在配置里写上 PUBLIC_URL（例如 https://chat.banrimai.cn），再重启。',
      },
      'not-valid': { title: '证书不对。', text: '过期了、域名不符，或缺中间证书。换好证书再查。' },
      'nobody-came': { title: '微信还没有来过。', text: '把上面三样填进公众平台，点那边的“提交”，再回来查。' },
      'no-message-yet': { title: '微信来测过地址，还没有带来消息。', text: '用手机关注这个公众号，或发一条消息，再回来查。' },
      'tokens-differ': {
        title: '两边的 Token 不一样。',
        text: '微信带来的签名，用这里的 Token 算不出来，多半是复制时少了一位。重新复制，粘到公众平台，点“提交”，再回来查。',
      },
      'clocks-differ': { title: '来信的时间差得太多。', text: '这台服务器的时钟可能不准，请校准。' },
      'modes-differ': { title: '两边的加解密方式不一样。', text: '公众平台上选的和这里的不同，改成一样的。推荐安全模式。' },
      'keys-differ': {
        title: '两边的 EncodingAESKey 不一样。',
        text: '签名对了，但信打不开。重新复制 EncodingAESKey 粘过去，点“提交”，再回来查。',
      },
      'foreign-app': {
        title: '来信是写给另一个公众号的。',
        text: '这个回调地址被填到了别的公众号里，或这里的 AppID 抄错了。',
      },
      malformed: { title: '来信读不懂。', text: '可能不是微信发来的，或经过的代理改了它。' },
      'server-failed': { title: '我们没能答复。', text: '服务器出了错，日志里有原因。' },
    } as Record<string, Way>,
    notes: {
      limited: (detail) => `${detail.split(', ').length} 项不能`,
      'not-encrypted': () => 'http，没有加密',
      'plain-mode': () => '明文，不用解',
      'not-from-here': () => '从这里打不开，但微信来过',
      'nobody-came': () => '还没有来过',
      'no-message-yet': () => '等第一条消息',
      'address-not-listed': () => '等白名单',
    } as Record<string, (detail: string) => string>,
    sandboxReasons: {
      'nobody-came': {
        title: '沙箱里的微信还没有来过。',
        text: '在沙箱的“账号”里，把上面三样填进它的服务器配置，点“提交”，再回来查。',
      },
      'no-message-yet': { title: '沙箱来测过地址，还没有带来消息。', text: '在沙箱的手机上关注它，或发一条消息，再回来查。' },
    } as Record<string, Way>,
    demoReasons: {
      'nobody-came': { title: '还没有人说过话。', text: '在沙箱的手机上关注它，或发一条消息，再回来查。' },
    } as Record<string, Way>,
    unknown: { title: '没有通过。', text: '原因不在已知的几种里，把下面的记录发给帮忙的人。' },
  },
  {
    title: 'Check',
    begin: 'Check now',
    again: 'Check again',
    notYet: 'Once the callback address is entered, see here which step works',
    notYours: 'An owner can see here which step works',
    running: 'Checking, 8 seconds at most',
    passed: 'Every step works',
    waits: (step) => `Waits at “${step}”`,
    halted: (step) => `Stopped at “${step}”`,
    took: (time, seconds) => `Checked at ${time}, took ${seconds} s`,
    result: (result, took) => `${result}. ${took}`,
    comma: ', ',
    sides: { out: 'From us to WeChat', in: 'From WeChat to us' },
    waiting: 'waits for the step before',
    milliseconds: (count) => `${count} ms`,
    record: 'A record of this check, without secrets',
    download: 'Download it for whoever helps',
    outcomes: { passed: 'passed', failed: 'failed', waiting: 'waiting' },
    details: 'Details',
    until: (date) => `until ${date}`,
    steps: {
      token: 'An access_token is given',
      'address-allowed': 'Our address is on the white list',
      capabilities: 'The account’s permissions',
      reachable: 'The address opens from outside',
      certificate: 'The certificate is valid',
      knocked: 'WeChat has called',
      signature: 'The signature agrees',
      mode: 'The encryption mode agrees',
      decryption: 'The sealed part opens',
      answered: 'Answered within 4.5 seconds',
    },
    reasons: {
      'no-secret': {
        title: 'There is no AppSecret yet.',
        text: 'Messages arrive and are answered without it; to ask anything of WeChat, add it under “Credentials”.',
      },
      'wrong-app-id': {
        title: 'WeChat does not know this AppID.',
        text: 'Most likely one character is wrong. An AppID cannot be edited: disconnect this account and connect the right one.',
      },
      'wrong-secret': {
        title: 'The AppSecret is wrong.',
        text: 'It may have been reset on the platform. Enter the newest under “Credentials” and check again.',
      },
      'secret-frozen': {
        title: 'The AppSecret is frozen.',
        text: 'Unfreeze it on the platform under “基本配置”, then check again.',
      },
      'quota-used-up': {
        title: 'Today’s calls to WeChat are used up.',
        text: 'Check again tomorrow. Does something else use this account too?',
      },
      'too-often': { title: 'WeChat was asked too often.', text: 'Wait a minute, then check again.' },
      refused: { title: 'WeChat refused.', text: 'Its error code is below; WeChat’s documentation explains it.' },
      'address-not-listed': {
        title: 'This server’s address is not on the white list.',
        text: 'Add the address below on the platform under “设置与开发 / 基本配置 / IP 白名单”; check again after some minutes.',
      },
      unreachable: {
        title: 'It cannot be reached.',
        text: 'The network is down or blocked. Look at the firewall and the name server, then check again.',
      },
      'wrong-port': {
        title: 'WeChat uses the ports 80 and 443 alone.',
        text: 'Put a proxy (Caddy or nginx) in front, on port 443.',
      },
      'another-server': {
        title: 'Something else answers at this address.',
        text: 'The name may lead to another machine, or a proxy does not pass requests on to us.',
      },
      'no-public-url': {
        title: 'The server does not know its address outside.',
        text: 'Ask whoever runs it to set PUBLIC_URL (such as https://chat.banrimai.cn) and to restart it.',
      },
      'not-valid': {
        title: 'The certificate is wrong.',
        text: 'It is over, for another name, or lacks an intermediate. Mend it and check again.',
      },
      'nobody-came': {
        title: 'WeChat has not called yet.',
        text: 'Paste the three values into the platform, press “提交” there, then check again.',
      },
      'no-message-yet': {
        title: 'WeChat has tested the address and brought no message yet.',
        text: 'Follow the account with a phone, or send it a message, then check again.',
      },
      'tokens-differ': {
        title: 'The two tokens differ.',
        text: 'The signature that WeChat brings cannot be made from the token here; most likely a character was lost. Copy it anew, paste it, press “提交”, then check again.',
      },
      'clocks-differ': { title: 'The letter’s time is far off.', text: 'This server’s clock may be wrong: set it right.' },
      'modes-differ': {
        title: 'The two encryption modes differ.',
        text: 'The platform has another mode than this page. Make them the same; safe mode is best.',
      },
      'keys-differ': {
        title: 'The two EncodingAESKeys differ.',
        text: 'The signature is right, but the letter does not open. Copy the EncodingAESKey anew, paste it, press “提交”, then check again.',
      },
      'foreign-app': {
        title: 'The letter is meant for another account.',
        text: 'This callback address was entered for another official account, or the AppID here is wrong.',
      },
      malformed: {
        title: 'The letter cannot be read.',
        text: 'It may not come from WeChat, or a proxy on the way has changed it.',
      },
      'server-failed': { title: 'We could not answer.', text: 'The server failed; its log says why.' },
    },
    notes: {
      limited: (detail) => `${detail.split(', ').length} missing`,
      'not-encrypted': () => 'http, not encrypted',
      'plain-mode': () => 'plain, nothing to open',
      'not-from-here': () => 'not from here, but WeChat came',
      'nobody-came': () => 'not yet',
      'no-message-yet': () => 'waits for a message',
      'address-not-listed': () => 'waits for the white list',
    },
    sandboxReasons: {
      'nobody-came': {
        title: 'The sandbox’s WeChat has not called yet.',
        text: 'Paste the three values into the account’s server settings in the sandbox, press submit there, then check again.',
      },
      'no-message-yet': {
        title: 'The sandbox has tested the address and brought no message yet.',
        text: 'Follow the account on the sandbox’s phone, or send it a message, then check again.',
      },
    },
    demoReasons: {
      'nobody-came': {
        title: 'Nobody has said anything yet.',
        text: 'Follow the account on the sandbox’s phone, or send it a message, then check again.',
      },
    },
    unknown: { title: 'It did not pass.', text: 'The reason is none of the known ones: send the record below to whoever helps.' },
  },
);

import type { Capability, CapabilityReason } from '../../../../../server/channels/channel.ts';
import { createTexts } from '../../texts/create-texts.ts';

/** What an account can do, and what it lacks to do it. */
export const useCapabilityTexts = createTexts(
  {
    names: {
      menu: '自定义菜单',
      'personal-menus': '个性化菜单',
      'customer-messages': '客服消息（48 小时内）',
      'template-messages': '模板消息',
      'subscription-notices': '订阅通知',
      'mass-sending': '群发',
      materials: '素材',
      followers: '粉丝资料',
      tags: '粉丝标签',
      'entry-codes': '渠道码（带参数二维码）',
      'web-sign-in': '网页授权登录',
      positions: '接收地理位置',
      'page-sharing': '网页分享',
      cards: '微信卡券',
      statistics: '数据统计',
    } satisfies Record<Capability, string> as Record<Capability, string>,
    reasons: {
      'needs-service-account': '要服务号',
      'needs-verification': '要微信认证',
      'needs-permission': '要平台开通',
    } satisfies Record<CapabilityReason, string> as Record<CapabilityReason, string>,
    can: '能',
    cannot: '不能',
  },
  {
    names: {
      menu: 'Menu',
      'personal-menus': 'Personal menus',
      'customer-messages': 'Messages within 48 hours',
      'template-messages': 'Template messages',
      'subscription-notices': 'Subscription notices',
      'mass-sending': 'Mass sending',
      materials: 'Materials',
      followers: 'Follower details',
      tags: 'Follower tags',
      'entry-codes': 'Entry codes (QR with parameter)',
      'web-sign-in': 'Web sign-in',
      positions: 'Positions',
      'page-sharing': 'Sharing of pages',
      cards: 'WeChat cards',
      statistics: 'Statistics',
    },
    reasons: {
      'needs-service-account': 'needs a service account',
      'needs-verification': 'needs verification',
      'needs-permission': 'needs the platform’s grant',
    },
    can: 'can',
    cannot: 'cannot',
  },
);

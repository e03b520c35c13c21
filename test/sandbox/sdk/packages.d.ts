/** Of the packages that bring no types of their own, what the tests call. */

declare module 'co-wechat-api' {
  type Answer = Readonly<Record<string, unknown>>;

  class Api {
    constructor(appId: string, appSecret: string);
    static AccessToken: new (
      accessToken: string,
      expireTime: number,
    ) => object;
    prefix: string;
    mpPrefix: string;
    getAccessToken(): Promise<{ readonly accessToken: string }>;
    /** The token that it keeps. */
    getToken(): Promise<{ readonly accessToken: string }>;
    getIp(): Promise<Answer>;
    getJsConfig(page: { url: string; jsApiList: readonly string[] }): Promise<Answer>;
    getFollowers(nextOpenid?: string): Promise<Answer>;
    getUser(options: { openid: string; lang: string } | string): Promise<Answer>;
    batchGetUsers(openids: readonly string[]): Promise<Answer>;
    updateRemark(openid: string, remark: string): Promise<Answer>;
    createTags(name: string): Promise<Answer & { readonly tag: { readonly id: number } }>;
    getTags(): Promise<Answer>;
    updateTag(id: number, name: string): Promise<Answer>;
    deleteTag(id: number): Promise<Answer>;
    batchTagging(openids: readonly string[], tagId: number): Promise<Answer>;
    batchUnTagging(openids: readonly string[], tagId: number): Promise<Answer>;
    getUsersFromTag(tagId: number): Promise<Answer>;
    getIdList(openid: string): Promise<Answer>;
    createMenu(menu: object): Promise<Answer>;
    getMenu(): Promise<Answer>;
    getMenuConfig(): Promise<Answer>;
    removeMenu(): Promise<Answer>;
    addConditionalMenu(menu: object): Promise<Answer & { readonly menuid: string }>;
    delConditionalMenu(menuId: string): Promise<Answer>;
    tryConditionalMenu(userId: string): Promise<Answer>;
    sendText(openid: string, text: string): Promise<Answer>;
    sendImage(openid: string, mediaId: string): Promise<Answer>;
    sendNews(openid: string, articles: readonly object[]): Promise<Answer>;
    createTmpQRCode(scene: string | number, seconds: number): Promise<Answer & { readonly ticket: string }>;
    createLimitQRCode(scene: string | number): Promise<Answer & { readonly ticket: string }>;
    showQRCodeURL(ticket: string): string;
    uploadMedia(file: Buffer, type: string, name: string, mime: string): Promise<Answer & { readonly media_id: string }>;
    getMedia(mediaId: string): Promise<Buffer>;
    uploadImageMaterial(file: string): Promise<Answer & { readonly media_id: string }>;
    uploadVideoMaterial(file: string, description: object): Promise<Answer & { readonly media_id: string }>;
    getMaterial(mediaId: string): Promise<Buffer | Answer>;
    getMaterialCount(): Promise<Answer>;
    getMaterials(type: string, offset: number, count: number): Promise<Answer>;
    removeMaterial(mediaId: string): Promise<Answer>;
    massSendText(text: string, tagId: number): Promise<Answer>;
    addTemplate(shortId: string): Promise<Answer & { readonly template_id: string }>;
    getAllPrivateTemplate(): Promise<Answer>;
    delPrivateTemplate(templateId: string): Promise<Answer>;
    sendTemplate(openid: string, templateId: string, url: string, color: string, data: object): Promise<Answer>;
  }
  export = Api;
}

declare module 'co-wechat' {
  import type { Middleware } from 'koa';

  /** The elements of a message by their names. */
  type Message = Readonly<Record<string, string>>;

  function wechat(config: { token: string; appid?: string; encodingAESKey?: string }): {
    middleware(handle: (message: Message) => Promise<unknown>): Middleware;
  };
  export = wechat;
}

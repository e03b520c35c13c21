/** The words of what a person does with their phone beyond typing. */
export interface PhoneTexts {
  menu: string;
  showMenu: string;
  showKeyboard: string;
  /** What a menu button of this type does that the sandbox cannot show. */
  notShown: (type: string) => string;
  more: string;
  asks: Record<AskKind, string>;
  send: string;
  placeMap: string;
  placeNames: string;
  waters: readonly [lake: string, river: string];
  address: string;
  latitude: string;
  longitude: string;
  myPlace: string;
  scanned: string;
  scannedRule: string;
  scannedAny: string;
  codes: string;
  noCodes: string;
  permanent: string;
  until: (moment: string) => string;
  over: string;
  codeImage: string;
  noCodeInImage: string;
  scan: string;
  scanFollow: string;
  willScan: (scene: string) => string;
  willFollow: (scene: string) => string;
  willTell: (key: string) => string;
  unknownCode: string;
  pictureAddress: string;
  pictureRule: string;
  heard: string;
  heardRule: string;
  linkTitle: string;
  linkText: string;
  linkAddress: string;
  beside: string;
  besideOff: string;
  besideWho: string;
  opens: (address: string) => string;
}

/** What a person can be asked for. */
export type AskKind = 'place' | 'scan' | 'picture' | 'voice' | 'link';

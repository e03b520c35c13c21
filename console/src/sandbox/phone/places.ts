/** A point on the map and what a location message says of it, in GCJ-02 degrees. */
export interface Place {
  latitude: number;
  longitude: number;
  /** The address, as the platform sends it. */
  label: string;
}

/** Places of Hangzhou to choose from, under the names that people have for them. */
export const places: readonly (Place & { zh: string; en: string })[] = [
  { zh: '湖滨银泰', en: 'Hubin', latitude: 30.2541, longitude: 120.1639, label: '杭州市上城区东坡路 7 号' },
  { zh: '武林广场', en: 'Wulin Square', latitude: 30.2727, longitude: 120.1637, label: '杭州市拱墅区体育场路 538 号' },
  { zh: '河坊街', en: 'Hefang Street', latitude: 30.2404, longitude: 120.1709, label: '杭州市上城区河坊街 180 号' },
  { zh: '黄龙体育中心', en: 'Huanglong', latitude: 30.2683, longitude: 120.1318, label: '杭州市西湖区黄龙路 1 号' },
  { zh: '灵隐寺', en: 'Lingyin Temple', latitude: 30.2407, longitude: 120.1015, label: '杭州市西湖区灵隐路法云弄 1 号' },
  { zh: '钱江新城', en: 'Qianjiang New City', latitude: 30.2465, longitude: 120.2098, label: '杭州市上城区富春路 701 号' },
  { zh: '杭州东站', en: 'East Station', latitude: 30.2906, longitude: 120.2131, label: '杭州市上城区天城路 1 号' },
];

/** What the map shows, in degrees. */
export const bounds = { west: 120.085, east: 120.235, south: 30.212, north: 30.302 };

/** The map's size in its own units: about 40 m each. */
export const size = { width: 360, height: 250 };

/** Where a point lies on the map. */
export function project({ latitude, longitude }: Pick<Place, 'latitude' | 'longitude'>): { x: number; y: number } {
  return {
    x: ((longitude - bounds.west) / (bounds.east - bounds.west)) * size.width,
    y: ((bounds.north - latitude) / (bounds.north - bounds.south)) * size.height,
  };
}

/** The point at this place of the map, each given from 0 to 1, to the metre. */
export function pointAt(across: number, down: number): Pick<Place, 'latitude' | 'longitude'> {
  return {
    latitude: round(bounds.north - down * (bounds.north - bounds.south)),
    longitude: round(bounds.west + across * (bounds.east - bounds.west)),
  };
}

/** Is the point on the map. */
export function isOnMap({ latitude, longitude }: Pick<Place, 'latitude' | 'longitude'>): boolean {
  return latitude > bounds.south && latitude < bounds.north && longitude > bounds.west && longitude < bounds.east;
}

/** A coordinate as the platform writes it: six places. */
export function round(degrees: number): number {
  return Math.round(degrees * 1e6) / 1e6;
}

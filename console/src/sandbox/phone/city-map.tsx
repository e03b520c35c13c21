import { isOnMap, type Place, project, size } from './places.ts';

interface CityMapProps {
  pin: Pick<Place, 'latitude' | 'longitude'>;
  /** What the lake and the river are called; unnamed where nothing is said. */
  names?: readonly [lake: string, river: string];
  /** Shows the surroundings of the pin alone. */
  isNear?: boolean;
}

/** Hangzhou around the West Lake, drawn without asking anybody for tiles. A pin that lies elsewhere stands on bare ground. */
export function CityMap({ pin, names, isNear = false }: CityMapProps) {
  const isHere = isOnMap(pin);
  const { x, y } = isHere ? project(pin) : { x: size.width / 2, y: size.height / 2 };
  const box = isNear
    ? `${x - near.width / 2} ${y - near.height * 0.62} ${near.width} ${near.height}`
    : `0 0 ${size.width} ${size.height}`;
  return (
    <svg className="city-map" viewBox={box} preserveAspectRatio="xMidYMid slice" aria-hidden="true">
      <rect x={-size.width} y={-size.height} width={size.width * 3} height={size.height * 3} className="ground" />
      {isHere && <Ground />}
      {isHere && names && <WaterNames names={names} />}
      <g transform={`translate(${x} ${y}) scale(${isNear ? 0.34 : 1})`} className="pin">
        <path d="M0 0C-3-6-10-11-10-19a10 10 0 0 1 20 0C10-11 3-6 0 0Z" />
        <circle cy="-19" r="4" />
      </g>
    </svg>
  );
}

function WaterNames({ names: [lakeName, riverName] }: { names: readonly [string, string] }) {
  const onLake = project({ latitude: 30.2435, longitude: 120.1485 });
  const onRiver = project({ latitude: 30.225, longitude: 120.203 });
  return (
    <>
      <text x={onLake.x} y={onLake.y}>
        {lakeName}
      </text>
      <text x={onRiver.x} y={onRiver.y + 12}>
        {riverName}
      </text>
    </>
  );
}

function Ground() {
  return (
    <>
      <path className="green" d={hills} />
      <path className="river" d={river} />
      {roads.map((road) => (
        <path key={road} className="road" d={road} />
      ))}
      <path className="water" d={lake} />
      <path className="causeway" d={causeways} />
    </>
  );
}

/** Points of longitude and latitude as a line. */
function line(...points: [longitude: number, latitude: number][]): string {
  const steps = points.map(([longitude, latitude]) => {
    const { x, y } = project({ latitude, longitude });
    return `${x.toFixed(1)} ${y.toFixed(1)}`;
  });
  return `M${steps.join('L')}`;
}

const near = { width: 96, height: 42 };
const lake = `${line(
  ...([
    [120.1285, 30.2565],
    [120.1345, 30.2588],
    [120.1405, 30.2592],
    [120.1475, 30.2612],
    [120.1535, 30.2606],
    [120.1583, 30.2587],
    [120.1612, 30.2552],
    [120.1618, 30.2502],
    [120.1606, 30.2441],
    [120.1589, 30.2381],
    [120.1551, 30.2334],
    [120.1491, 30.2316],
    [120.1432, 30.2335],
    [120.1386, 30.2389],
    [120.1331, 30.2432],
    [120.1294, 30.2495],
  ] as [number, number][]),
)}Z`;
const causeways = `${line([120.1386, 30.239], [120.1366, 30.2465], [120.1362, 30.2545], [120.1345, 30.2586])}${line([120.1405, 30.2562], [120.1465, 30.2578], [120.1535, 30.2605])}`;
const hills = `${line(
  [120.085, 30.265],
  [120.105, 30.266],
  [120.122, 30.262],
  [120.127, 30.252],
  [120.131, 30.242],
  [120.142, 30.231],
  [120.152, 30.229],
  [120.158, 30.222],
  [120.15, 30.21],
  [120.085, 30.21],
)}Z`;
const river = line(
  [120.158, 30.2],
  [120.172, 30.214],
  [120.19, 30.2235],
  [120.21, 30.2325],
  [120.224, 30.2425],
  [120.24, 30.258],
);
const roads = [
  line([120.085, 30.2735], [120.12, 30.2722], [120.157, 30.2712], [120.2, 30.2742], [120.24, 30.278]),
  line([120.163, 30.2862], [120.1635, 30.2715], [120.1642, 30.2565], [120.1655, 30.2385]),
  line([120.163, 30.2592], [120.185, 30.2602], [120.215, 30.261], [120.24, 30.2675]),
  line([120.1642, 30.2502], [120.19, 30.252], [120.215, 30.2525]),
  line([120.1655, 30.2405], [120.18, 30.2395], [120.196, 30.2345]),
  line([120.1742, 30.302], [120.1745, 30.275], [120.1752, 30.25], [120.1768, 30.229]),
  line([120.1925, 30.302], [120.1928, 30.27], [120.1945, 30.245]),
  line([120.211, 30.302], [120.2105, 30.275], [120.21, 30.243]),
  line([120.1318, 30.302], [120.1322, 30.272], [120.1325, 30.261]),
  line([120.15, 30.302], [120.1505, 30.272], [120.152, 30.262]),
  line([120.085, 30.289], [120.13, 30.2885], [120.18, 30.29], [120.24, 30.2905]),
  line([120.095, 30.2405], [120.11, 30.2455], [120.1255, 30.2535], [120.1322, 30.261]),
];

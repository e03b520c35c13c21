/** A quiet map of a town with a few shops: the picture beside the door. It names no place and needs no tiles. */
export function Town() {
  return (
    <svg className="map" viewBox="300 10 640 630" preserveAspectRatio="xMidYMid slice" aria-hidden="true">
      <g className="map-park">
        <path d="M244 300q60-52 120-38 46 10 62 52l6 60q28 28 70 28 34 10 40 44-70 66-150 74-92-10-132-74-46-70-16-146z" />
        <path d="M98 150q54-30 104-8 26 26 10 66-56 32-112 12-32-36-2-70z" />
        <path d="M770 62q46-14 72 12 4 34-34 46-44 0-38-58zM600 545q50-20 84 8 8 44-44 54-56-6-40-62zM596 108q26-12 40 6 2 24-22 26-22-6-18-32z" />
      </g>
      <g className="map-water">
        <path d="M438 244q34-16 62-8 30 0 42 14 8 40 2 78-18 26-58 30-44 2-64-30-10-26-4-50 4-24 20-34z" />
        <path d="M118 168q20-12 40 0 22 4 34 18-10 22-40 18-34 2-34-36z" />
      </g>
      <g className="map-stream">
        <path
          className="map-river"
          d="M196 690q60-70 150-128 50-38 96-54 46-14 102-20 52-14 96-60 32-36 60-50 60-28 92-62 46-40 74-78 34-56 60-108 22-60 44-150"
        />
        <path className="map-canal" d="M566-6q-16 60 10 96 44 26 50 60 0 30 40 44 60 16 92 52" />
        <path className="map-canal" d="M0 96q90 10 150 60 60 30 120 10M470 500q-10-50-6-100" />
      </g>
      <path
        className="map-minor"
        d="M0 60q220-10 520 6t480-30M300 0q10 90 20 190M400 0q6 90 16 186M486 0q4 120 12 230M640 0q-8 160-12 420M700 40q-6 120 0 300M780 150q-60 80-70 240M540 300q60 6 180 0M556 340q60 10 120 4M560 220q100-6 240 10M556 130q90-8 330-18M870 300q20 120-20 345M720 380q-20 120-30 265M800 340q-10 160-10 305M600 620q180-20 400-110M580 560q160-30 420-150M60 0q20 160 10 330M200 240q-10 140-70 260M0 420q130-30 230-30M0 540q120-40 240-90"
      />
      <g className="map-road">
        <path d="M0 206q160-10 300-14t256-8q140-8 250-40t194-64" />
        <path d="M0 140q220-8 400 2 150 8 300-10t310-50" />
        <path d="M556-5C553 120 556 240 558 330S550 416 534 444" />
        <path d="M596-5C598 150 600 300 606 390S690 530 736 660" />
        <path d="M0 600q160-30 300-110t230-40q80-10 130-70t230-180 90-200" />
        <path d="M380 650q130-90 260-120t360-220" />
        <path d="M236-5q20 150 8 300t-60 350" />
        <path d="M820-5q-10 130 20 240t80 410" />
      </g>
      <path className="map-causeway" d="M450 246q-6 50 6 104M536 250q-24 2-44-4" />
      <path className="map-island" d="M470 248q12-8 24 0-10 8-24 0zM484 312q6-5 12 0-6 5-12 0z" />
      {pins.map(([x, y]) => (
        <g key={x + y} transform={`translate(${x} ${y})`}>
          <path className="pin-drop" d="M0 0c-7-10-12-15-12-22a12 12 0 0 1 24 0c0 7-5 12-12 22z" />
          <circle className="pin-hole" cy="-22" r="4.5" />
        </g>
      ))}
    </svg>
  );
}

const pins = [
  [423, 147],
  [556, 172],
  [556, 262],
  [552, 352],
  [738, 282],
] as const;

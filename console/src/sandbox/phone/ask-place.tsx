import { type KeyboardEvent, type MouseEvent, useState } from 'react';
import type { Speech } from '../../../../server/sandbox/contract.ts';
import { usePreferences } from '../../shared/preferences.ts';
import { useTexts } from '../texts/texts.ts';
import { AskField, AskForm, type AskFormProps, useSay } from './ask.tsx';
import { CityMap } from './city-map.tsx';
import { type Place, places, pointAt, round } from './places.ts';

const [firstPlace] = places;

/** Where the person is: a named place, a point on the map, or coordinates. */
export function AskPlace({ asked: { button }, follower, onDone }: AskFormProps) {
  const texts = useTexts().onPhone;
  const [{ language }] = usePreferences();
  const say = useSay(follower);
  const [place, setPlace] = useState<Place>(firstPlace ?? { latitude: 0, longitude: 0, label: '' });

  /** Moved by hand it is no longer the place of that name. */
  function move(to: Pick<Place, 'latitude' | 'longitude'>) {
    const isNamed = places.some(({ label }) => label === place.label);
    setPlace({ ...to, label: isNamed ? texts.myPlace : place.label });
  }

  function said(): Speech[] {
    const { latitude, longitude } = place;
    const point = { latitude, longitude, label: place.label.trim() };
    const message: Speech = { kind: 'place', ...point };
    return button ? [{ kind: 'menu-place', key: button.key ?? '', ...point }, message] : [message];
  }

  return (
    <AskForm onDone={onDone} act={() => say(said())} action={texts.send} isReady={place.label.trim() !== ''}>
      <MapButton place={place} onMove={move} />
      <fieldset className="places">
        <legend className="sr">{texts.placeNames}</legend>
        {places.map((known) => (
          <button
            key={known.label}
            type="button"
            aria-pressed={known.label === place.label}
            onClick={() => setPlace({ latitude: known.latitude, longitude: known.longitude, label: known.label })}
          >
            {known[language]}
          </button>
        ))}
      </fieldset>
      <AskField label={texts.address}>
        <input
          value={place.label}
          required
          maxLength={200}
          autoComplete="off"
          onChange={(event) => setPlace({ ...place, label: event.target.value })}
        />
      </AskField>
      <div className="ask-pair">
        <Degrees label={texts.latitude} value={place.latitude} most={90} onChange={(latitude) => move({ ...place, latitude })} />
        <Degrees
          label={texts.longitude}
          value={place.longitude}
          most={180}
          onChange={(longitude) => move({ ...place, longitude })}
        />
      </div>
    </AskForm>
  );
}

interface MapButtonProps {
  place: Place;
  onMove: (to: Pick<Place, 'latitude' | 'longitude'>) => void;
}

function MapButton({ place, onMove }: MapButtonProps) {
  const texts = useTexts().onPhone;

  function clicked(event: MouseEvent<HTMLButtonElement>) {
    // By keyboard a click has no place.
    if (event.detail === 0) return;
    const box = event.currentTarget.getBoundingClientRect();
    onMove(pointAt((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height));
  }

  function pressed(event: KeyboardEvent) {
    const [east, north] = arrows[event.key] ?? [];
    if (east === undefined || north === undefined) return;
    event.preventDefault();
    onMove({ latitude: round(place.latitude + north * step), longitude: round(place.longitude + east * step) });
  }

  return (
    <button
      type="button"
      className="map-button"
      aria-label={texts.placeMap}
      title={texts.placeMap}
      onClick={clicked}
      onKeyDown={pressed}
    >
      <CityMap pin={place} names={texts.waters} />
    </button>
  );
}

function Degrees(props: { label: string; value: number; most: number; onChange: (value: number) => void }) {
  const { label, value, most, onChange } = props;
  return (
    <AskField label={label}>
      <input
        type="number"
        step="any"
        min={-most}
        max={most}
        required
        value={Number.isNaN(value) ? '' : value}
        onChange={(event) => onChange(event.target.valueAsNumber)}
      />
    </AskField>
  );
}

/** About 50 m. */
const step = 0.0005;
const arrows: Readonly<Record<string, readonly [east: number, north: number]>> = {
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
  ArrowRight: [1, 0],
  ArrowLeft: [-1, 0],
};

import { Wheat } from 'lucide-react';

/** A person's round face: the first character of their name, on one of four grounds that stays theirs. */
export function Face({ name, openid, isAway = false }: { name: string; openid: string; isAway?: boolean }) {
  const ground = [...openid].reduce((sum, character) => sum + (character.codePointAt(0) ?? 0), 0) % grounds.length;
  return (
    <span className={`face ${isAway ? 'away' : grounds[ground]}`} aria-hidden="true">
      {[...name][0]}
    </span>
  );
}

/** The account's own face in its chat. */
export function ShopFace() {
  return (
    <span className="shop-face" aria-hidden="true">
      <Wheat className="icon" />
    </span>
  );
}

const grounds = ['jade', 'vermilion', 'amber', 'green'];

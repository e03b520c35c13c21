import type { Follower } from '../../../../../server/api/contract.ts';
import { currentLanguage } from '../../../shared/preferences.ts';
import { formatWhen, useNow } from '../../texts/times.ts';
import { useAccounts } from './account-names.ts';
import { useMemberTexts } from './texts.ts';

/** Does somebody follow and since when; on which account, where the place does not say it. */
export function FollowerState({ follower, isNamed = false }: { follower: Follower; isNamed?: boolean }) {
  const texts = useMemberTexts();
  const account = useAccounts().find(({ id }) => id === follower.accountId);
  const now = useNow();
  const at = follower.isFollowing ? (follower.followedAt ?? follower.metAt) : follower.leftAt;
  return (
    <span>
      <span className={follower.isFollowing ? 'tag ok' : 'tag'}>{follower.isFollowing ? texts.following : texts.left}</span>
      <small>
        {[isNamed && account?.name, at !== undefined && texts.since(formatWhen(at, now, currentLanguage()))]
          .filter(Boolean)
          .join(' · ')}
      </small>
    </span>
  );
}

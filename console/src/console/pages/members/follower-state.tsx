import type { Follower } from '../../../../../server/api/contract.ts';
import { currentLanguage } from '../../../shared/preferences.ts';
import { formatWhen, useNow } from '../../texts/times.ts';
import { useAccounts } from './account-names.ts';
import { useMemberTexts } from './texts.ts';

/** Does somebody follow, on which account, and since when. */
export function FollowerState({ follower }: { follower: Follower }) {
  const texts = useMemberTexts();
  const account = useAccounts().find(({ id }) => id === follower.accountId);
  const now = useNow();
  const at = follower.isFollowing ? (follower.followedAt ?? follower.metAt) : follower.leftAt;
  return (
    <span>
      <span className={follower.isFollowing ? 'tag ok' : 'tag'}>{follower.isFollowing ? texts.following : texts.left}</span>
      <small>
        {[account?.name, at !== undefined && texts.since(formatWhen(at, now, currentLanguage()))].filter(Boolean).join(' · ')}
      </small>
    </span>
  );
}

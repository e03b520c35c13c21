import type { Follower } from '../../../../../server/api/contract.ts';
import { currentLanguage } from '../../../shared/preferences.ts';
import { formatWhen } from '../../texts/times.ts';
import { useMemberTexts } from './texts.ts';

interface FollowerStateProps {
  follower: Follower;
  now: number;
  /** On which account, where the place does not say it. */
  account?: string | undefined;
}

/** Does somebody follow, and since when. */
export function FollowerState({ follower, now, account }: FollowerStateProps) {
  const texts = useMemberTexts();
  const at = follower.isFollowing ? (follower.followedAt ?? follower.metAt) : follower.leftAt;
  return (
    <span>
      <span className={follower.isFollowing ? 'tag ok' : 'tag'}>{follower.isFollowing ? texts.following : texts.left}</span>
      <small>
        {[account, at !== undefined && texts.since(formatWhen(at, now, currentLanguage()))].filter(Boolean).join(' · ')}
      </small>
    </span>
  );
}

import type { Role } from '../../../../../server/merchants/permissions.ts';
import { useTexts } from '../../texts/texts.ts';
import { useStaffTexts } from './texts.ts';

interface RoleChoiceProps {
  roles: readonly Role[];
  /** Handed in by the form's item. */
  id?: string;
  value?: Role;
  onChange?: (role: Role) => void;
  disabled?: boolean;
}

/** One of these roles, each with what it may do. */
export function RoleChoice({ roles, id, value, onChange, disabled = false }: RoleChoiceProps) {
  const common = useTexts();
  const texts = useStaffTexts();
  return (
    <div className="role-choice" role="radiogroup" id={id} aria-label={texts.inviteRole}>
      {roles.map((role) => (
        <label key={role} data-chosen={role === value || undefined}>
          <input
            type="radio"
            name={`${id}-role`}
            aria-labelledby={`${id}-${role}`}
            aria-describedby={`${id}-${role}-means`}
            checked={role === value}
            disabled={disabled}
            onChange={() => onChange?.(role)}
          />
          <span>
            <b id={`${id}-${role}`}>{common.roles[role]}</b>
            <small id={`${id}-${role}-means`}>{texts.roleMeans[role]}</small>
          </span>
        </label>
      ))}
    </div>
  );
}

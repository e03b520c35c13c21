import type { ThemeConfig } from 'antd';
import { useMemo, useSyncExternalStore } from 'react';
import { usePreferences } from '../shared/preferences.ts';

/** antd in our colours: read from tokens.css, so that there is one source of them. */
export function useTheme(): ThemeConfig {
  const [{ theme }] = usePreferences();
  const isDark = useSyncExternalStore(subscribe, () => system.matches);
  const isDarkNow = theme === 'dark' || (theme === 'system' && isDark);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the tokens have other values in the dark.
  return useMemo(createTheme, [isDarkNow]);
}

const system = matchMedia('(prefers-color-scheme: dark)');

function subscribe(listener: () => void) {
  system.addEventListener('change', listener);
  return () => system.removeEventListener('change', listener);
}

/** antd's own dark algorithm is not asked: it would dim our jade, and the tokens name what it would derive. */
function createTheme(): ThemeConfig {
  const styles = getComputedStyle(document.documentElement);
  const token = (name: string) => styles.getPropertyValue(`--${name}`).trim();
  const [jade, ink, quiet, line] = [token('jade'), token('ink'), token('ink-2'), token('line')];
  return {
    // Becomes a class of every component: none of ours may be called so.
    cssVar: { key: 'themed' },
    hashed: false,
    token: {
      colorBgBase: token('surface'),
      colorTextBase: ink,
      colorPrimary: jade,
      colorPrimaryHover: token('jade-press'),
      colorPrimaryActive: token('jade-press'),
      colorPrimaryBg: token('jade-soft'),
      colorPrimaryBgHover: token('jade-soft'),
      colorPrimaryBorder: jade,
      colorPrimaryBorderHover: jade,
      colorInfo: jade,
      colorLink: jade,
      colorLinkHover: token('jade-press'),
      colorSuccess: token('ok'),
      colorSuccessBg: token('ok-soft'),
      colorWarning: token('amber'),
      colorWarningBg: token('amber-soft'),
      colorError: token('vermilion'),
      colorErrorBg: token('vermilion-soft'),
      colorErrorBgHover: token('vermilion-soft'),
      colorErrorHover: token('vermilion'),
      colorErrorBorder: token('vermilion'),
      colorErrorBorderHover: token('vermilion'),
      colorTextLightSolid: token('on-jade'),
      colorWhite: token('on-jade'),
      colorText: ink,
      colorTextHeading: ink,
      colorTextSecondary: quiet,
      colorTextTertiary: quiet,
      colorTextDescription: quiet,
      colorTextPlaceholder: quiet,
      // What may not be edited is read all the same.
      colorTextDisabled: quiet,
      colorIcon: quiet,
      colorBgLayout: token('paper'),
      colorBgContainer: token('surface'),
      colorBgElevated: token('surface'),
      colorFillAlter: token('sunken'),
      colorBorder: line,
      colorBorderSecondary: line,
      colorBgMask: token('scrim'),
      // By reference: the face also follows the language.
      fontFamily: 'var(--face)',
      fontFamilyCode: 'var(--mono)',
      fontSize: 13,
      borderRadius: 6,
      borderRadiusLG: 10,
      controlHeight: 36,
      controlHeightLG: 44,
      boxShadow: token('shadow-2'),
      boxShadowSecondary: token('shadow-2'),
      controlOutline: token('jade-soft'),
      controlOutlineWidth: 3,
      wireframe: false,
    },
    components: {
      Button: { primaryShadow: 'none', defaultShadow: 'none', dangerShadow: 'none', fontWeight: 400, borderRadiusLG: 6 },
      Input: { borderRadiusLG: 6 },
      Table: {
        headerBg: token('surface'),
        headerColor: quiet,
        headerSplitColor: 'transparent',
        cellPaddingBlock: 9,
        rowHoverBg: token('paper'),
      },
      Form: { labelColor: ink, verticalLabelPadding: '0 0 5px', itemMarginBottom: 18 },
      Select: { optionSelectedBg: token('jade-soft') },
    },
  };
}

import { Modal, type ModalProps } from 'antd';
import { useEffect, useState } from 'react';

/** A dialog that is there for as long as it is rendered. Focus goes back to where it came from, also through a dialog that replaced another. */
export function Dialog(props: Omit<ModalProps, 'open'>) {
  // Asked before anything is shown: what is inside takes the focus before any effect of ours runs.
  const [cameFrom] = useState(whereToReturn);
  useEffect(() => {
    latest = cameFrom;
    return () => {
      // Only once the dialog is gone, which keeps the focus to itself; and not away from one that opened in its place.
      setTimeout(() => {
        if (document.activeElement === document.body && cameFrom instanceof HTMLElement) cameFrom.focus();
      });
    };
  }, [cameFrom]);
  return <Modal open {...props} />;
}

/** Where the last dialog came from. One that replaces it is rendered while the focus is still inside. */
let latest: Element | null = null;

function whereToReturn(): Element | null {
  const focused = document.activeElement;
  return focused?.closest('[role=dialog]') ? latest : focused;
}

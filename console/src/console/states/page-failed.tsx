import { Button } from 'antd';
import { Compass, RefreshCw } from 'lucide-react';
import { Link, useRouteError } from 'react-router';
import { useTexts } from '../texts/texts.ts';
import { Empty } from './empty.tsx';

/** A part of the page threw, or its chunk is no longer there because the console was updated: opening the page again mends both. */
export function PageFailed() {
  const texts = useTexts();
  const error = useRouteError();
  const isGone = error instanceof TypeError && /import|module|fetch/i.test(error.message);
  const said = isGone ? { title: texts.pageChanged, text: texts.pageChangedText } : texts.problems['page.failed'];
  return (
    <Empty
      icon={RefreshCw}
      title={said?.title ?? ''}
      text={said?.text ?? ''}
      action={
        <Button type="primary" onClick={() => location.reload()}>
          {texts.reload}
        </Button>
      }
    />
  );
}

/** An address that leads nowhere. */
export function NothingHere() {
  const texts = useTexts();
  return <Empty icon={Compass} title={texts.nothingHere} text="" action={<Link to="/">{texts.toStart}</Link>} />;
}

import { CircleAlert, FileAudio, Image, MapPin, Music, Video } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Account, Follower, Message, MessageContent } from '../../../../server/sandbox/contract.ts';
import { Face, ShopFace } from '../face.tsx';
import { splitText } from '../rich-text.ts';
import { type Texts, useTexts } from '../texts/texts.ts';

interface ChatLineProps {
  message: Message;
  follower: Follower;
  account: Account;
  onOpenDelivery: (deliveryId: string) => void;
}

/** One line of the chat: a bubble of the person or the account, or a line of the system. */
export function ChatLine({ message, follower, account, onOpenDelivery }: ChatLineProps) {
  const texts = useTexts();
  const { content, from } = message;
  if (content.kind === 'outage') return <Outage text={content.text} />;
  if (content.kind === 'notice')
    return (
      <p className="notice">{content.notice === 'followed' ? texts.followed(account.name) : texts.unfollowed(account.name)}</p>
    );
  const isMine = from === 'follower';
  return (
    <div className={isMine ? 'say me' : 'say'}>
      {isMine ? <Face name={follower.name} openid={follower.openid} /> : <ShopFace />}
      <span className="sr">{isMine ? texts.you : account.name}: </span>
      <Bubble content={content} texts={texts} />
      {isMine && <Delivered message={message} onOpen={() => onOpenDelivery(message.deliveryId)} />}
    </div>
  );
}

function Outage({ text }: { text: string }) {
  return (
    <p className="notice outage">
      <CircleAlert className="icon" aria-hidden="true" />
      {text}
    </p>
  );
}

/** Beside a line of the person's own: how its delivery stands. Its room is kept, so that nothing moves when it changes. */
function Delivered({ message, onOpen }: { message: Message; onOpen: () => void }) {
  const texts = useTexts();
  const state = message.delivery ?? 'answered';
  if (state === 'failed') {
    return (
      <button
        type="button"
        className="delivered failed"
        aria-label={texts.delivery.failed}
        title={texts.delivery.failed}
        onClick={onOpen}
      >
        <CircleAlert className="icon" aria-hidden="true" />
      </button>
    );
  }
  return (
    <span className={`delivered ${state}`}>
      <span className="sr">{texts.delivery[state]}</span>
    </span>
  );
}

function Bubble({ content, texts }: { content: Exclude<MessageContent, { kind: 'notice' | 'outage' }>; texts: Texts }) {
  switch (content.kind) {
    case 'text':
      return <p className="bubble">{content.text ? <RichText text={content.text} /> : null}</p>;
    case 'place':
      return (
        <Card
          icon={<MapPin className="icon" />}
          label={texts.place}
          title={content.label}
          text={`${content.latitude}, ${content.longitude}`}
        />
      );
    case 'image':
      return <Card icon={<Image className="icon" />} label={texts.picture} title={texts.picture} text={content.url} />;
    case 'voice':
      return <Card icon={<FileAudio className="icon" />} label={texts.voice} title={texts.voice} text={content.text} />;
    case 'link':
      return <Card title={content.title} text={content.text} url={content.url} />;
    case 'article':
      return <Card title={content.title} text={content.text} url={content.url} />;
    case 'music':
      return (
        <Card icon={<Music className="icon" />} label={texts.music} title={content.title} text={content.text} url={content.url} />
      );
    case 'media':
      return (
        <Card
          icon={mediaIcons[content.type]}
          label={mediaNames(texts)[content.type]}
          title={content.title ?? mediaNames(texts)[content.type]}
          text={content.text ?? content.mediaId}
        />
      );
  }
}

interface CardProps {
  title: string;
  icon?: ReactNode;
  /** What the icon stands for. */
  label?: string;
  text?: string | undefined;
  url?: string;
}

function Card({ icon, label, title, text, url }: CardProps) {
  const link = url ? splitText(`<a href="${url}">${title.replaceAll('<', '‹')}</a>`)[0] : undefined;
  return (
    <div className="bubble card">
      {icon && (
        <span className="card-icon" role="img" aria-label={label}>
          {icon}
        </span>
      )}
      <div>
        <h3>{link?.url ? <Link url={link.url}>{title}</Link> : title}</h3>
        {text && <p>{text}</p>}
      </div>
    </div>
  );
}

function RichText({ text }: { text: string }) {
  return splitText(text).map(({ text: words, url }, index) =>
    url ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a text never change places.
      <Link key={index} url={url}>
        {words}
      </Link>
    ) : (
      words
    ),
  );
}

/** Opens beside the sandbox and tells the page that it opens nothing about this one. Where it leads is seen before it is followed. */
function Link({ url, children }: { url: string; children: ReactNode }) {
  return (
    <a href={url} target="_blank" rel="noopener noreferrer" title={url}>
      {children}
    </a>
  );
}

const mediaNames = (texts: Texts) => ({ image: texts.picture, voice: texts.voice, video: texts.video });
const mediaIcons = {
  image: <Image className="icon" />,
  voice: <FileAudio className="icon" />,
  video: <Video className="icon" />,
};

import { FileAudio, Image, LayoutGrid, Music, Ticket, Video } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Follower, MessageContent } from '../../../../server/sandbox/contract.ts';
import { splitText } from '../rich-text.ts';
import { useTexts } from '../texts/texts.ts';
import { Choices } from './choices.tsx';
import { CityMap } from './city-map.tsx';
import { FormCard } from './form-card.tsx';
import { Link } from './link.tsx';

interface BubbleProps {
  content: Exclude<MessageContent, { kind: 'notice' | 'outage' }>;
  follower: Follower;
}

/** What was said or sent, as the chat shows it. */
export function Bubble({ content, follower }: BubbleProps) {
  const texts = useTexts();
  switch (content.kind) {
    case 'text':
      return <p className="bubble">{content.text ? <RichText text={content.text} /> : null}</p>;
    case 'place':
      return (
        <div className="bubble place">
          <h3>{content.label}</h3>
          <p>{`${texts.place} ${content.latitude}, ${content.longitude}`}</p>
          <CityMap pin={content} isNear />
        </div>
      );
    case 'image':
      return <Card icon={<Image className="icon" />} label={texts.picture} title={texts.picture} text={content.url} />;
    case 'voice':
      return <Card icon={<FileAudio className="icon" />} label={texts.voice} title={texts.voice} text={content.text} />;
    case 'link':
      return <Card title={content.title} text={content.text} url={content.url} />;
    case 'article':
      return <Card title={content.title} text={content.text} url={content.url} picture={content.pictureUrl} />;
    case 'music':
      return (
        <Card icon={<Music className="icon" />} label={texts.music} title={content.title} text={content.text} url={content.url} />
      );
    case 'media':
      return <Media content={content} />;
    case 'card':
      return <Card icon={<Ticket className="icon" />} label={texts.coupon} title={texts.coupon} text={content.cardId} />;
    case 'mini-program':
      return (
        <Card
          icon={<LayoutGrid className="icon" />}
          label={texts.miniProgram}
          title={content.title}
          text={`${texts.miniProgram} · ${content.path}`}
          picture={content.pictureUrl}
        />
      );
    case 'form':
      return <FormCard content={content} />;
    case 'choices':
      return <Choices content={content} follower={follower} />;
  }
}

/** A picture, a voice or a video: itself where the sandbox has the file, else its id. */
function Media({ content }: { content: Extract<MessageContent, { kind: 'media' }> }) {
  const texts = useTexts();
  const { type, url, title, text, mediaId } = content;
  const name = { image: texts.picture, voice: texts.voice, video: texts.video }[type];
  if (url && type === 'image') {
    return (
      <div className="bubble picture">
        <img src={url} alt={title ?? name} />
      </div>
    );
  }
  return (
    <div className="bubble card">
      <span className="card-icon" role="img" aria-label={name}>
        {mediaIcons[type]}
      </span>
      <div>
        <h3>{title ?? name}</h3>
        {(text ?? !url) && <p>{text ?? mediaId}</p>}
        {/* biome-ignore lint/a11y/useMediaCaption: what accounts send comes without captions. */}
        {url && type === 'voice' && <audio controls preload="none" src={url} aria-label={name} />}
        {/* biome-ignore lint/a11y/useMediaCaption: what accounts send comes without captions. */}
        {url && type === 'video' && <video controls preload="none" src={url} aria-label={title ?? name} />}
      </div>
    </div>
  );
}

interface CardProps {
  title: string;
  icon?: ReactNode;
  /** What the icon stands for. */
  label?: string;
  text?: string | undefined;
  url?: string;
  picture?: string | undefined;
}

function Card({ icon, label, title, text, url, picture }: CardProps) {
  return (
    <div className="bubble card">
      {icon && (
        <span className="card-icon" role="img" aria-label={label}>
          {icon}
        </span>
      )}
      <div>
        <h3>{url ? <Link url={url}>{title}</Link> : title}</h3>
        {text && <p>{text}</p>}
        {/* Pictures from elsewhere are not fetched: a try in the sandbox tells nobody of itself. */}
        {picture?.startsWith(ownFiles) && <img src={picture} alt="" />}
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

const ownFiles = '/sandbox/api/media/';
const mediaIcons = {
  image: <Image className="icon" />,
  voice: <FileAudio className="icon" />,
  video: <Video className="icon" />,
};

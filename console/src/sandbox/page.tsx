import { SlidersHorizontal, Smartphone, Waypoints } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Accounts } from './accounts/accounts.tsx';
import { Bar } from './bar.tsx';
import { Phone, PhoneBeside } from './phone/phone.tsx';
import type { SandboxStore } from './sandbox-store.ts';
import { StoreContext, useSandbox } from './store-context.ts';
import { useTexts } from './texts/texts.ts';
import { WireLog } from './wire/wire-log.tsx';
import { ClockSettings } from './world/clock.tsx';
import { Faults } from './world/faults.tsx';

type Side = 'phone' | 'wire' | 'world';

/** The sandbox: a person's phone, and beside it everything that goes over the wire because of it. */
export function SandboxPage({ store }: { store: SandboxStore }) {
  return (
    <StoreContext.Provider value={store}>
      <Sandbox />
    </StoreContext.Provider>
  );
}

function Sandbox() {
  const { view } = useSandbox();
  const texts = useTexts();
  const [side, setSide] = useState<Side>('phone');
  const [open, setOpen] = useState<string>();
  const [hasAccountsOpen, setAccountsOpen] = useState(false);
  useEffect(() => {
    document.title = texts.title;
  }, [texts]);

  function openDelivery(deliveryId: string) {
    const row = view.wire.rows.find((other) => other.deliveryId === deliveryId);
    if (row) setOpen(row.id);
    setSide('wire');
  }

  function openRow(id: string) {
    setOpen(id);
    setSide('wire');
  }

  return (
    <div className="sandbox" data-side={side}>
      <Bar onOpenAccounts={() => setAccountsOpen(true)} />
      {hasAccountsOpen && <Accounts onClose={() => setAccountsOpen(false)} onOpenRow={openRow} />}
      {view.connection === 'lost' && view.phase === 'ready' && <Lost />}
      {view.phase === 'failed' ? (
        <Failed />
      ) : (
        <>
          <Sides side={side} onChoose={setSide} />
          <main className={view.beside === undefined ? 'bench' : 'bench pair'}>
            <Phone onOpenDelivery={openDelivery} />
            {view.beside !== undefined && <PhoneBeside onOpenDelivery={openDelivery} />}
            <WireLog open={open} onOpen={setOpen} />
          </main>
          <div className="world">
            <section className="world-clock" aria-label={texts.world.clock.label}>
              <ClockSettings />
            </section>
            <Faults />
          </div>
        </>
      )}
    </div>
  );
}

const sides = [
  { name: 'phone', Icon: Smartphone },
  { name: 'wire', Icon: Waypoints },
  { name: 'world', Icon: SlidersHorizontal },
] as const;

/** On a narrow screen: which of the three is shown. */
function Sides({ side, onChoose }: { side: Side; onChoose: (side: Side) => void }) {
  const texts = useTexts();
  return (
    <nav className="sides" aria-label={texts.views.label}>
      {sides.map(({ name, Icon }) => (
        <button key={name} type="button" aria-pressed={side === name} onClick={() => onChoose(name)}>
          <Icon className="icon" aria-hidden="true" />
          {texts.views[name]}
        </button>
      ))}
    </nav>
  );
}

function Lost() {
  return (
    <p className="lost" role="status">
      {useTexts().lost}
    </p>
  );
}

function Failed() {
  const { store } = useSandbox();
  const texts = useTexts();
  return (
    <main className="unreachable" role="alert">
      <h1>{texts.failedTitle}</h1>
      <p>{texts.failedText}</p>
      <button type="button" className="button main" onClick={() => void store.load()}>
        {texts.tryNow}
      </button>
    </main>
  );
}

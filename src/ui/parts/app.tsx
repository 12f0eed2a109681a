/** The page from top to bottom: answer, evidence, instrument, appendix. */
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { copy } from '../state/clipboard.ts';
import { arrived, takeFiles } from '../state/files.ts';
import { shownRun } from '../state/board.ts';
import { reference } from '../state/reference.ts';
import { Appendix } from './appendix.tsx';
import { Board } from './board.tsx';
import { Boundary } from './boundary.tsx';
import { ClaimSections } from './claimSections.tsx';
import { Diagnose } from './diagnose.tsx';
import { Lead } from './lead.tsx';
import { Notices, Spoken } from './notices.tsx';
import { RunBar } from './runBar.tsx';
import { RunCard } from './runCard.tsx';
import { Runs } from './runs.tsx';
import { Settings } from './settings.tsx';
import { Training } from './training.tsx';
import { Workbench } from './workbench.tsx';

const SECTIONS = [
  ['claims', 'Claims'],
  ['estimators', 'Estimators'],
  ['training', 'Training'],
  ['diagnose', 'Diagnose'],
  ['runs', 'Runs'],
  ['appendix', 'Appendix'],
] as const;

/** A part of the page, which falls alone. */
function Part({
  name,
  children,
}: {
  readonly name: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  const { kind, id } = shownRun.value;
  return (
    <Boundary run={`${kind} ${id}`} name={name}>
      {children}
    </Boundary>
  );
}

export function App(): JSX.Element {
  const isOver = useDrop();
  useArrival();
  return (
    <>
      <a class="skip" href="#main">
        Skip to the answer
      </a>
      <Header />
      <main id="main">
        <Notices />
        <div class="first">
          <div class="first-words">
            <Part name="Lead">
              <Lead />
            </Part>
          </div>
          <Part name="RunCard">
            <RunCard />
          </Part>
          <Settings />
          <Part name="Board">
            <Board />
          </Part>
        </div>
        <Part name="Workbench">
          <Workbench />
        </Part>
        <Part name="ClaimSections">
          <ClaimSections />
        </Part>
        <Part name="Training">
          <Training />
        </Part>
        <Part name="Diagnose">
          <Diagnose />
        </Part>
        <Part name="Runs">
          <Runs />
        </Part>
        <Part name="Appendix">
          <Appendix />
        </Part>
      </main>
      <footer>
        passk-bench {reference.facts.version}. Nothing leaves this machine: no request goes anywhere but to
        this page’s own files.
      </footer>
      <RunBar />
      <Spoken />
      {isOver && (
        <div class="drop-over">Drop it: a report, an evaluation, a table of weights, or a problem</div>
      )}
    </>
  );
}

function Header(): JSX.Element {
  const picker = useRef<HTMLInputElement>(null);
  const copyLink = (): Promise<void> => copy('Link', location.href);
  return (
    <header class="bar">
      <a class="brand" href="#main">
        passk-bench
      </a>
      <nav aria-label="Sections">
        {SECTIONS.map(([id, name]) => (
          <a key={id} href={`#${id}`}>
            {name}
          </a>
        ))}
      </nav>
      <button type="button" class="link" onClick={() => void copyLink()}>
        Copy link
      </button>
      <button type="button" onClick={() => picker.current?.click()}>
        Open a file
      </button>
      <input
        ref={picker}
        id="open-file"
        type="file"
        multiple
        hidden
        aria-label="A report, an evaluation, a table of weights, or a problem"
        onChange={({ currentTarget }) => {
          void takeFiles([...(currentTarget.files ?? [])]);
          currentTarget.value = '';
        }}
      />
    </header>
  );
}

/** The whole page takes drops. */
function useDrop(): boolean {
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const over = (event: DragEvent): void => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent): void => {
      event.preventDefault();
      setOver(false);
      void takeFiles([...(event.dataTransfer?.files ?? [])]);
    };
    window.addEventListener('dragover', over);
    window.addEventListener('dragleave', leave);
    window.addEventListener('drop', drop);
    return () => {
      window.removeEventListener('dragover', over);
      window.removeEventListener('dragleave', leave);
      window.removeEventListener('drop', drop);
    };
  }, []);
  return isOver;
}

/** A file brings the page to where it is shown. */
function useArrival(): void {
  const place = arrived.value;
  useEffect(() => {
    if (!place) return;
    const section = document.getElementById(place.section === 'claims' ? 'main' : place.section);
    section?.scrollIntoView({ block: 'start' });
  }, [place]);
}

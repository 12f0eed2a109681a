/** While a run goes on and its card has left the window. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { formatDuration } from '../../view/format.ts';
import { cancelRun, isCancelling, progress } from '../state/run.ts';

export function RunBar(): JSX.Element | null {
  const [isNeeded, setNeeded] = useState(false);
  useEffect(() => {
    const card = document.querySelector('.run-card');
    if (!card) return;
    const observer = new IntersectionObserver(([entry]) => setNeeded(!entry.isIntersecting));
    observer.observe(card);
    return () => observer.disconnect();
  }, []);
  const going = progress.value;
  if (!going || !isNeeded) return null;
  return (
    <div class="run-bar">
      <progress value={going.share} max={1} aria-label="Progress of the run" />
      <b>{Math.floor(100 * going.share)} %</b>
      <span>
        {going.index} of {going.count}, {going.experiment}
      </span>
      <span class="quiet">
        {going.secondsLeft !== null && `${formatDuration(1000 * going.secondsLeft)} left`}
      </span>
      <button type="button" onClick={cancelRun} disabled={isCancelling.value}>
        Cancel
      </button>
    </div>
  );
}

/** A part that cannot be drawn says so, and takes nothing else with it: a report from elsewhere may hold anything. */
import { Component, type ComponentChildren, type JSX } from 'preact';

interface BoundaryProps {
  /** another run may be drawn where this one could not */
  readonly run: string;
  readonly name: string;
  readonly children: ComponentChildren;
}

interface BoundaryState {
  readonly message: string | null;
}

export class Boundary extends Component<BoundaryProps, BoundaryState> {
  override state: BoundaryState = { message: null };

  override componentDidCatch(error: unknown): void {
    this.setState({ message: error instanceof Error ? error.message : String(error) });
  }

  override componentDidUpdate({ run }: BoundaryProps): void {
    if (run !== this.props.run && this.state.message !== null) this.setState({ message: null });
  }

  override render(): JSX.Element {
    const { message } = this.state;
    if (message === null) return <>{this.props.children}</>;
    return (
      <p class="error" role="alert">
        {this.props.name} cannot be drawn from the run that is shown: {message}.{' '}
        <button type="button" onClick={() => this.setState({ message: null })}>
          Try again
        </button>
      </p>
    );
  }
}

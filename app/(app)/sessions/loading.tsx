/** The list's shape, while it is read. */
export default function Loading() {
  return (
    <main className="main" id="main" aria-busy="true">
      <header className="top">
        <p className="font-semibold">Sessions</p>
      </header>
      <div className="bones px-6 pt-5">
        <p className="sr">Loading sessions</p>
        <div className="card grid gap-6 p-4" aria-hidden="true">
          {[62, 48, 70, 55, 40].map((width) => (
            <span key={width} className="bone" style={{ width: `${width}%` }} />
          ))}
        </div>
      </div>
    </main>
  );
}

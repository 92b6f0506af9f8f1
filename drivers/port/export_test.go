package port

// Line and OpenFake let a test stand in for the kernel where a pseudo-terminal cannot misbehave enough.
type Line = line

func OpenFake(cfg Config, open func(Config) (Line, error)) *Port { return openWith(cfg, open) }

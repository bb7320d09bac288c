using Sparkwright.Bench;

// Usage: dotnet run -c Release --project bench/Sparkwright.Bench [store] [pods] [solver] [scheduler] [yunikorn] [consolidation] [http] [aws]; without names all of them.
var all = new (string Name, Func<IEnumerable<string>> Run)[]
{
    ("store", StoreBench.Run),
    ("pods", PodBench.Run),
    ("solver", SolverBench.Run),
    ("scheduler", SchedulerBench.Run),
    ("yunikorn", YuniKornBench.Run),
    ("consolidation", ConsolidationBench.Run),
    ("http", HttpBench.Run),
    ("aws", AwsBench.Run),
};
foreach (var name in args.Where(name => Array.TrueForAll(all, bench => bench.Name != name)))
{
    Console.Error.WriteLine($"{name}: there is no such bench; there are {string.Join(", ", all.Select(bench => bench.Name))}");
    return 2;
}

foreach (var (name, run) in all.Where(bench => args.Length == 0 || args.Contains(bench.Name)))
{
    foreach (var line in run())
    {
        Console.WriteLine($"{name,-14}{line}");
    }
}

return 0;

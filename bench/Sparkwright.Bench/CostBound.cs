using Sparkwright.World.Karpenter.Solver;

namespace Sparkwright.Bench;

/// <summary>
/// What any packing of the pods costs at least. In the linear relaxation (pods may be cut, nodes bought in parts) the dual asks for prices of a
/// core and of a byte such that no type is worth more than it costs; the best such prices, times what all pods ask for, is a lower bound. With
/// two unknowns the optimum lies where two constraints meet, and all such points are tried.
/// </summary>
internal static class CostBound
{
    public static double UsdPerHour(SolverInput input)
    {
        var pool = input.Pools[0];
        var types = new List<(double Cpu, double Memory, double Price)>();
        foreach (var at in pool.Shapes.Matching(pool.Requirements))
        {
            var offered = pool.Shapes.Shapes[at].Allocatable;
            var prices = pool.Shapes.OfferingsOf(at, pool.Requirements).Select(offering => (double)offering.UsdPerHour).ToArray();
            if (prices.Length > 0)
            {
                types.Add((offered.CpuMillis, offered.MemoryMi, prices.Min()));
            }
        }

        var cpu = (double)input.Pods.Sum(pod => pod.Spec.Requests.CpuMillis);
        var memory = (double)input.Pods.Sum(pod => pod.Spec.Requests.MemoryMi);

        var dearestCore = types.Min(type => type.Price / type.Cpu);
        var best = Math.Max(dearestCore * cpu, types.Min(type => type.Price / type.Memory) * memory);
        for (var one = 0; one < types.Count; one++)
        {
            for (var other = one + 1; other < types.Count; other++)
            {
                var (a, b) = (types[one], types[other]);
                var determinant = (a.Cpu * b.Memory) - (b.Cpu * a.Memory);
                var core = ((a.Price * b.Memory) - (b.Price * a.Memory)) / determinant;
                var mebibyte = ((a.Cpu * b.Price) - (b.Cpu * a.Price)) / determinant;
                var value = (core * cpu) + (mebibyte * memory);
                if (core >= 0 && mebibyte >= 0 && value > best
                    && types.TrueForAll(type => (core * type.Cpu) + (mebibyte * type.Memory) <= type.Price * (1 + 1e-9)))
                {
                    best = value;
                }
            }
        }

        return best;
    }
}

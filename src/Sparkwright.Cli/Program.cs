using System.CommandLine;
using Sparkwright.Cli.Commands;

var root = new RootCommand("""
    Sparkwright puts the "EMR on EKS with Karpenter" platform into one program: try, test and cost Spark jobs before paying for them.

    Examples:
      sparkwright run blueprints/emr-eks-karpenter/examples/compute-optimized
      sparkwright simulate scenarios/ --output json
    """)
{
    RunCommand.Create(),
    SimulateCommand.Create(),
    UpCommand.Create(),
    EnvCommand.Create(),
    PlanCommand.Create(),
    ApplyCommand.Create(),
    VerifyCommand.Create(),
    OutputsCommand.Create(),
    DestroyCommand.Create(),
};
var parsed = root.Parse(args);
if (parsed.Errors is [var mistake, ..])
{
    Console.Error.WriteLine($"sparkwright: {mistake.Message.TrimEnd('.')}; see sparkwright {string.Join(' ', args.Take(1).Where(word => !word.StartsWith('-')).Append("--help"))}");
    return 2;
}

return parsed.Invoke();

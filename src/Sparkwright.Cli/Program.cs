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
};
return root.Parse(args).Invoke();

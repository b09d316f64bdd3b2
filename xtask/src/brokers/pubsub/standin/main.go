// Google's own in-memory server of Pub/Sub, pstest, as a program; and a driver that makes traffic on it.
//
//	pubsub-standin -port N          serves gRPC on loopback until stopped
//	pubsub-standin -port N drive    makes topics, subscriptions and traffic there, and prints as JSON what the
//	                                server answers (in the form of the REST interface) and what became of the messages
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"syscall"
	"time"

	pb "cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"cloud.google.com/go/pubsub/v2/pstest"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

const project = "projects/shop"

func main() {
	port := flag.Int("port", 21900, "loopback port")
	flag.Parse()
	if flag.Arg(0) == "drive" {
		if err := drive(fmt.Sprintf("127.0.0.1:%d", *port)); err != nil {
			log.Fatal(err)
		}
		return
	}
	server := pstest.NewServerWithPort(*port)
	log.Printf("pubsub stand-in listening on %s", server.Addr)
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, os.Interrupt)
	<-stop
	server.Close()
}

// What became of the messages.
type seen struct {
	Published       int      `json:"published"`
	Acknowledged    int      `json:"acknowledged"`
	DeadLettered    int      `json:"dead_lettered"`
	StillWaiting    int      `json:"still_waiting"`
	DeliveryAttempt []int32  `json:"delivery_attempts"`
	OrderOfKey      []string `json:"order_of_key"`
}

func topic(id string) string        { return project + "/topics/" + id }
func subscription(id string) string { return project + "/subscriptions/" + id }

func drive(address string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer conn.Close()
	publisher, subscriber := pb.NewPublisherClient(conn), pb.NewSubscriberClient(conn)
	forget(ctx, publisher, subscriber)
	for _, id := range []string{"orders", "orders-dead", "unread", "short-lived"} {
		if _, err := publisher.CreateTopic(ctx, &pb.Topic{Name: topic(id), Labels: map[string]string{"team": "shop"}}); err != nil {
			return err
		}
	}
	subscriptions := []*pb.Subscription{
		{Name: subscription("billing"), Topic: topic("orders"), AckDeadlineSeconds: 10, EnableMessageOrdering: true,
			EnableExactlyOnceDelivery: true, Filter: `attributes.kind = "order"`,
			DeadLetterPolicy: &pb.DeadLetterPolicy{DeadLetterTopic: topic("orders-dead"), MaxDeliveryAttempts: 5}},
		{Name: subscription("look"), Topic: topic("orders-dead"), AckDeadlineSeconds: 10},
		{Name: subscription("hook"), Topic: topic("unread"), AckDeadlineSeconds: 10,
			PushConfig: &pb.PushConfig{PushEndpoint: "https://shop.example/hook?token=hunter2"}},
		{Name: subscription("warehouse"), Topic: topic("orders"), AckDeadlineSeconds: 10,
			BigqueryConfig: &pb.BigQueryConfig{Table: "shop.raw.orders"}},
		{Name: subscription("archive"), Topic: topic("orders"), AckDeadlineSeconds: 10,
			CloudStorageConfig: &pb.CloudStorageConfig{Bucket: "archive"}},
		{Name: subscription("cut"), Topic: topic("orders"), AckDeadlineSeconds: 10},
		{Name: subscription("orphan"), Topic: topic("short-lived"), AckDeadlineSeconds: 10},
	}
	for _, wanted := range subscriptions {
		if _, err := subscriber.CreateSubscription(ctx, wanted); err != nil {
			return err
		}
	}
	if _, err := publisher.DetachSubscription(ctx, &pb.DetachSubscriptionRequest{Subscription: subscription("cut")}); err != nil {
		return err
	}
	if _, err := publisher.DeleteTopic(ctx, &pb.DeleteTopicRequest{Topic: topic("short-lived")}); err != nil {
		return err
	}
	became, err := traffic(ctx, publisher, subscriber)
	if err != nil {
		return err
	}
	topics, err := publisher.ListTopics(ctx, &pb.ListTopicsRequest{Project: project, PageSize: 1000})
	if err != nil {
		return err
	}
	listed, err := subscriber.ListSubscriptions(ctx, &pb.ListSubscriptionsRequest{Project: project, PageSize: 1000})
	if err != nil {
		return err
	}
	// The REST interface is the same messages in protobuf's JSON form.
	return json.NewEncoder(os.Stdout).Encode(map[string]any{
		"topics": form(topics), "subscriptions": form(listed), "seen": became,
	})
}

// Ten orders are acknowledged, one is refused until it is given up, nine are left.
func traffic(ctx context.Context, publisher pb.PublisherClient, subscriber pb.SubscriberClient) (*seen, error) {
	became := &seen{Published: 20}
	for n := 0; n < became.Published; n++ {
		message := &pb.PubsubMessage{Data: []byte(fmt.Sprint(n)), Attributes: map[string]string{"kind": "order"}}
		if n < 3 {
			message.OrderingKey = "customer-1"
		}
		request := &pb.PublishRequest{Topic: topic("orders"), Messages: []*pb.PubsubMessage{message}}
		if _, err := publisher.Publish(ctx, request); err != nil {
			return nil, err
		}
	}
	poison := ""
	for round := 0; round < 40 && (became.Acknowledged < 10 || became.DeadLettered == 0); round++ {
		got, err := subscriber.Pull(ctx, &pb.PullRequest{Subscription: subscription("billing"), MaxMessages: 20})
		if err != nil {
			return nil, err
		}
		for _, received := range got.ReceivedMessages {
			key := received.Message.OrderingKey
			if poison == "" && key == "" {
				poison = received.Message.MessageId
			}
			if received.Message.MessageId == poison {
				became.DeliveryAttempt = append(became.DeliveryAttempt, received.DeliveryAttempt)
			}
			if received.Message.MessageId != poison && became.Acknowledged < 10 {
				request := &pb.AcknowledgeRequest{Subscription: subscription("billing"), AckIds: []string{received.AckId}}
				if _, err := subscriber.Acknowledge(ctx, request); err != nil {
					return nil, err
				}
				if key != "" {
					became.OrderOfKey = append(became.OrderOfKey, string(received.Message.Data))
				}
				became.Acknowledged++
				continue
			}
			// Refused: zero is "at once". The others are only held on to.
			deadline := int32(60)
			if received.Message.MessageId == poison {
				deadline = 0
			}
			request := &pb.ModifyAckDeadlineRequest{Subscription: subscription("billing"), AckIds: []string{received.AckId},
				AckDeadlineSeconds: deadline}
			if _, err := subscriber.ModifyAckDeadline(ctx, request); err != nil {
				return nil, err
			}
		}
		dead, err := subscriber.Pull(ctx, &pb.PullRequest{Subscription: subscription("look"), MaxMessages: 10})
		if err != nil {
			return nil, err
		}
		became.DeadLettered += len(dead.ReceivedMessages)
	}
	became.StillWaiting = became.Published - became.Acknowledged - became.DeadLettered
	return became, nil
}

// What an earlier run left.
func forget(ctx context.Context, publisher pb.PublisherClient, subscriber pb.SubscriberClient) {
	listed, _ := subscriber.ListSubscriptions(ctx, &pb.ListSubscriptionsRequest{Project: project})
	for _, known := range listed.GetSubscriptions() {
		_, _ = subscriber.DeleteSubscription(ctx, &pb.DeleteSubscriptionRequest{Subscription: known.Name})
	}
	topics, _ := publisher.ListTopics(ctx, &pb.ListTopicsRequest{Project: project})
	for _, known := range topics.GetTopics() {
		_, _ = publisher.DeleteTopic(ctx, &pb.DeleteTopicRequest{Topic: known.Name})
	}
}

func form(message proto.Message) json.RawMessage {
	text, err := protojson.Marshal(message)
	if err != nil {
		log.Fatal(err)
	}
	return text
}
